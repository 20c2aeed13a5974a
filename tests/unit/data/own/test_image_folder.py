"""Folders of images."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from zoo.config.own_data import FolderData
from zoo.data.own import folder_data
from zoo.data.own.file_content import FileContent
from zoo.errors import DataError


def save(path: Path, grey: int, size: tuple[int, int] = (2, 2)) -> Path:
    """Write an image of one grey value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, grey).save(path)
    return path


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Return a folder of two classes, with three images."""
    save(tmp_path / "shapes/round/2.png", 20)
    save(tmp_path / "shapes/round/10.png", 100)
    save(tmp_path / "shapes/angular/1.png", 7)
    return tmp_path / "shapes"


def found(top: Path, **keys: Any) -> FileContent:
    return folder_data.find(FolderData(kind="folder", path=str(top), shape=(2, 2), **keys))


def greys(result: FileContent) -> list[int]:
    first: list[int] = np.take(result.train.values, 0, axis=1).tolist()
    return first


def test_folder_images(top: Path) -> None:
    """Classes and images are in natural order."""
    result = found(top)
    assert (greys(result), result.train.labels.tolist()) == ([7, 20, 100], [0, 1, 1])
    assert result.facts == {"rows": 3, "test_rows": 0, "classes": ("angular", "round")}
    np.testing.assert_array_equal(result.train.values, np.repeat([[7], [20], [100]], 4, axis=1))


def test_folder_hidden_and_nested(top: Path) -> None:
    """Hidden files and folders are skipped, and folders in a class are searched."""
    (top / "round/.DS_Store").write_text("x")
    save(top / "round/.thumbnails/1.png", 1)
    save(top / ".git/1.png", 1)
    save(top / "round/more/deep/3.png", 33)
    (top / "readme.txt").write_text("Shapes.")
    assert greys(found(top)) == [7, 20, 100, 33]


def test_folder_links(top: Path) -> None:
    """A link that leads back is skipped; another one is followed."""
    save(top.parent / "elsewhere/5.png", 55)
    try:
        (top / "round/loop").symlink_to(top / "round")
        (top / "round/up").symlink_to(top)
        (top / "round/away").symlink_to(top.parent / "elsewhere")
    except OSError:
        pytest.skip("this system does not allow links")
    assert greys(found(top)) == [7, 20, 100, 55]


def test_folder_broken_files(top: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is not an image is named; with skip_bad, the others are used."""
    for name in ("a.png", "b.txt", "c.png", "d.png"):
        (top / "round" / name).write_bytes(b"no image")
    with pytest.raises(DataError) as caught:
        found(top)
    assert str(caught.value).startswith(f"{top}: 4 problems. {top / 'round' / 'a.png'} ")
    assert str(caught.value).endswith(" And 1 more.")
    assert caught.value.hint.startswith("Remove these files, or set data.skip_bad = true")
    assert greys(found(top, skip_bad=True)) == [7, 20, 100]
    assert "4 problems" in caplog.text


def test_folder_of_one_image(top: Path) -> None:
    """A class of one image is a class; an empty one is a problem."""
    assert len(found(top).train.values) == 3
    (top / "empty").mkdir()
    with pytest.raises(DataError, match="empty contains no image"):
        found(top)


def nothing(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the problem of a folder, and the folder."""
    (folder / "none").mkdir()
    yield "contains no folders; expected one for each class", folder / "none"
    save(folder / "one/round/1.png", 1)
    yield "all rows have the label 'round'; expected two classes", folder / "one"
    (folder / "empty/a").mkdir(parents=True)
    (folder / "empty/b").mkdir()
    yield "2 problems", folder / "empty"
    yield "does not exist", folder / "missing"
    yield "is not a folder|Not a directory|not a directory", save(folder / "file.png", 1)
    save(folder / "long" / ("x" * 41) / "1.png", 1)
    save(folder / "long/y/1.png", 1)
    yield "expected at most 40 printable characters", folder / "long"


def test_folder_without_classes(tmp_path: Path) -> None:
    for problem, folder in nothing(tmp_path):
        with pytest.raises(DataError, match=problem) as caught:
            found(folder)
        assert str(folder) in str(caught.value)


def test_folder_that_is_too_deep(top: Path) -> None:
    """Folders in folders have a limit, so that Python's is not reached."""
    save(top.joinpath("round", *["d"] * 40, "1.png"), 1)
    with pytest.raises(DataError, match="is more than 30 folders deep"):
        found(top)


@pytest.mark.skipif(os.name == "nt", reason="links need a permission")
def test_folders_that_link_to_each_other(tmp_path: Path) -> None:
    """Each folder is entered once for a class, not on each of the ways that lead to it."""
    names = "abcdefghijkl"
    for name in names:
        save(tmp_path / name / "1.png", 9)
    for name in names:
        for other in names:
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    assert len(found(tmp_path).train.values) == len(names) ** 2


def test_folder_files_of_windows(top: Path) -> None:
    """Files that Windows hides are skipped, as names that begin with a dot are."""
    before = len(found(top).train.values)
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (top / "round" / name).write_bytes(b"x")
    assert len(found(top).train.values) == before


def test_folder_sizes(tmp_path: Path) -> None:
    """Images of very different sizes have one shape; with "none" they are refused."""
    for number, size in enumerate([(1, 1), (2, 2), (900, 3), (3, 900)]):
        save(tmp_path / "a" / f"{number}.png", 10 * number, size)
    save(tmp_path / "b/1.png", 99)
    for fit in ("scale", "pad"):
        assert greys(found(tmp_path, fit=fit)) == [0, 10, 20, 30, 99]
    with pytest.raises(DataError, match="3 problems"):
        found(tmp_path, fit="none")


def test_folder_test_path(top: Path) -> None:
    """Test images are in the same classes; a class that only they have is named."""
    save(top.parent / "tests/round/1.png", 9)
    result = found(top, test_path=str(top.parent / "tests"))
    assert result.test is not None
    assert (result.test.labels.tolist(), result.facts["test_rows"]) == ([1], 1)
    save(top.parent / "tests/flat/1.png", 9)
    with pytest.raises(DataError, match="a folder named 'flat', which is none of the classes"):
        found(top, test_path=str(top.parent / "tests"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="it has no such permission")
def test_folder_that_may_not_be_read(top: Path) -> None:
    (top / "round").chmod(0)
    with pytest.raises(DataError, match="round"):
        found(top)
    (top / "round").chmod(0o700)
