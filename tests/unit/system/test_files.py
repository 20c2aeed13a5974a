"""Files that are in use, and identities of files."""

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from zoo import files as atomic
from zoo.errors import ZooError
from zoo.system import files


def sharing_violation(winerror: int | None) -> PermissionError:
    error: Any = PermissionError(13, "Permission denied")
    error.winerror = winerror
    return cast("PermissionError", error)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses that were made, of which none takes time."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


class Busy:
    """A call that fails some times before it succeeds."""

    def __init__(self, failures: int, error: OSError) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "done"


@pytest.mark.parametrize("winerror", [5, 32, 33, None])
@pytest.mark.usefixtures("on_windows")
def test_when_free_waits(pauses: list[float], winerror: int | None) -> None:
    """Another program has the file open twice; open() reports no number of Windows."""
    call = Busy(2, sharing_violation(winerror))
    assert files.when_free(call) == "done"
    assert call.calls == 3
    assert pauses == [0.01, 0.02]


@pytest.mark.usefixtures("on_windows")
def test_when_free_gives_up(pauses: list[float]) -> None:
    """After more than a second the error is that of the last attempt."""
    call = Busy(100, sharing_violation(32))
    with pytest.raises(PermissionError):
        files.when_free(call)
    assert call.calls == 8
    assert sum(pauses) == pytest.approx(1.27)


@pytest.mark.parametrize("error", [sharing_violation(1314), FileNotFoundError(2, "none")])
@pytest.mark.usefixtures("on_windows")
def test_when_free_other_errors(pauses: list[float], error: OSError) -> None:
    """A missing privilege (1314) and a missing file stay as they are."""
    with pytest.raises(type(error)):
        files.when_free(Busy(1, error))
    assert pauses == []


@pytest.mark.usefixtures("on_linux")
def test_when_free_elsewhere(pauses: list[float]) -> None:
    """Other systems replace a file that is open, so that an error means something else."""
    with pytest.raises(PermissionError):
        files.when_free(Busy(1, sharing_violation(None)))
    assert pauses == []


def test_replace_file_that_is_open(tmp_path: Path) -> None:
    """The real branch of this system: an open file is replaced, or the message says why not."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with path.open("rb") as held:
        try:
            atomic.write_atomically(path, b"new")
        except ZooError as error:
            assert "Close the programs that have it open." in error.hint  # noqa: PT017 - of Windows
        else:
            assert held.read() == b"old"
            assert path.read_bytes() == b"new"


@pytest.mark.usefixtures("on_windows", "pauses")
def test_write_in_use_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of a file that stays open names the remedy, and nothing is left behind."""

    def replace(_source: Path, _target: Path) -> None:
        raise sharing_violation(32)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(ZooError, match=r"file could not be written: Permission denied\.") as caught:
        atomic.write_atomically(tmp_path / "file", b"new")
    assert caught.value.hint.startswith("Close the programs that have it open. Check the perm")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("on_windows", "pauses")
def test_write_in_use_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file and a folder appear although a virus scanner holds them at first."""
    real = {"replace": Path.replace, "rename": Path.rename}
    failures = {name: [sharing_violation(5), sharing_violation(32)] for name in real}

    def busy(name: str) -> None:
        def move(source: Path, target: Path) -> Path:
            if failures[name]:
                raise failures[name].pop()
            return real[name](source, target)

        monkeypatch.setattr(Path, name, move)

    busy("replace")
    busy("rename")
    atomic.write_new_folder(tmp_path / "folder", {"a/b": b"content"})
    assert (tmp_path / "folder" / "a" / "b").read_bytes() == b"content"
    assert failures == {"replace": [], "rename": []}
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_file_id_of_links(tmp_path: Path) -> None:
    """Two names of one file are the same, two files of equal content are not."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"")
    other.write_bytes(b"")
    (tmp_path / "link").hardlink_to(one)
    assert files.is_same(one, tmp_path / "link")
    assert not files.is_same(one, other)


def test_file_id_without_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that numbers nothing, the path tells files apart."""
    one, other = tmp_path / "one", tmp_path / "other"
    monkeypatch.setattr(Path, "stat", lambda _, **__: SimpleNamespace(st_dev=7, st_ino=0))
    assert files.is_same(one, tmp_path / "folder" / ".." / "one")
    assert not files.is_same(one, other)
    assert files.file_id(one) == (os.path.normcase(one),)
