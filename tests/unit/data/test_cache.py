"""The cache folder, and the files that zoo wrote in it."""

from pathlib import Path

import platformdirs
import pytest

from zoo.data.cache import cache_folder, cached_files, delete_files
from zoo.data.locations import locations_from_environment
from zoo.errors import ConfigError
from zoo.system.temporary import new_path

PARSED = f"kaggle/parsed/{'0a' * 32}.arrays"
WRITTEN = ["names.json", "mnist/train-labels-idx1-ubyte", "kaggle/train.csv", PARSED]
OTHERS = ["own.txt", "mnist/own.txt", "mnist/train-labels-idx1-ubyte.gz", "kaggle/parsed/a.arrays"]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache with files of zoo and others."""
    for name in WRITTEN + OTHERS:
        path = tmp_path / "cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "cache"


def names(cache: Path, *, keep: Path | None = None) -> list[str]:
    return [path.relative_to(cache).as_posix() for path in cached_files(cache, keep=keep)]


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError as error:
        pytest.skip(f"links cannot be made here: {error}")


def test_cache_folder_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ZOO_CACHE_DIR is the folder itself; empty, it counts as not set."""
    monkeypatch.setenv("ZOO_CACHE_DIR", str(tmp_path))
    assert cache_folder() == locations_from_environment().cache == tmp_path
    monkeypatch.setenv("ZOO_CACHE_DIR", "")
    assert cache_folder() == Path(platformdirs.user_cache_dir("zoo"))


def test_cached_files_of_zoo(cache: Path) -> None:
    """Only files that zoo wrote are found, and what a kill left of them."""
    left = new_path(cache / "mnist")
    left.touch()
    (cache / "mnist" / ".own.txt.tmp").touch()
    assert sorted(names(cache)) == sorted([*WRITTEN, f"mnist/{left.name}"])


def test_cached_files_missing_folder(tmp_path: Path) -> None:
    assert cached_files(tmp_path / "missing") == []


def test_cached_files_links(cache: Path, tmp_path: Path) -> None:
    """Neither a link to a file nor a linked folder is followed."""
    own = tmp_path / "own"
    own.mkdir()
    for name in ("t10k-labels-idx1-ubyte", "test.csv"):
        (own / name).write_text("mine")
    link(cache / "mnist" / "t10k-labels-idx1-ubyte", own / "t10k-labels-idx1-ubyte")
    (cache / "kaggle").rename(tmp_path / "kaggle")
    link(cache / "kaggle", tmp_path / "kaggle")
    assert names(cache) == WRITTEN[:2]
    delete_files(cache, cached_files(cache))
    assert (own / "t10k-labels-idx1-ubyte").read_text() == "mine"
    assert (tmp_path / "kaggle" / "train.csv").exists()
    assert (cache / "kaggle").is_symlink()


def test_cached_files_of_linked_cache(cache: Path, tmp_path: Path) -> None:
    """The cache itself may be a link, to a larger disk."""
    link(tmp_path / "link", cache)
    assert names(tmp_path / "link") == WRITTEN


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("", []), ("mnist", ["names.json", *WRITTEN[2:]]), ("kaggle/train.csv", None)],
)
def test_cached_files_of_the_user(cache: Path, folder: str, expected: list[str] | None) -> None:
    """The folder or the file in ZOO_DATA is the user's, even in the cache."""
    rest = [name for name in WRITTEN if name != folder] if expected is None else expected
    assert names(cache, keep=cache / folder) == rest


def test_delete_files_and_empty_folders(cache: Path) -> None:
    """Folders with files of the user stay, and the cache itself."""
    (cache / "kaggle/parsed/a.arrays").unlink()
    delete_files(cache, cached_files(cache))
    left = sorted(path.relative_to(cache).as_posix() for path in cache.rglob("*"))
    assert left == ["mnist", *sorted(OTHERS[1:3]), "own.txt"]


@pytest.mark.parametrize("setting", ["", "0", "False"])
def test_offline_setting_off(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """0 and false leave the network on."""
    monkeypatch.setenv("ZOO_OFFLINE", setting)
    assert not locations_from_environment().offline


@pytest.mark.parametrize("setting", ["1", "true"])
def test_offline_setting_on(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_OFFLINE", setting)
    assert locations_from_environment().offline


def test_offline_setting_odd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that is neither on nor off is refused; --offline does not ask for it."""
    monkeypatch.setenv("ZOO_OFFLINE", "maybe")
    with pytest.raises(ConfigError, match=r"Invalid ZOO_OFFLINE; expected 1 or 0, got 'maybe'\."):
        locations_from_environment()
    assert locations_from_environment(offline=True).offline
