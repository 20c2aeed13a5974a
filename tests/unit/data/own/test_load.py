"""Entries that are completed from their files, and what identifies a training on them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.own_data import write_csv, write_digits, write_entry, write_iris, write_shapes
from zoo.config.cache_key import TrainingKey, training_key
from zoo.config.catalog import read_entry
from zoo.config.entry import Entry
from zoo.config.own_data import FileData
from zoo.data.dataset import Dataset
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.own import load as own
from zoo.data.own.file_content import FileContent
from zoo.data.own.load import completed
from zoo.errors import DataError

WRITERS = [write_iris, write_shapes, write_digits]


def loaded(path: Path, given: Path | None = None) -> tuple[Entry, Dataset]:
    entry = completed(read_entry(path), given=given).entry
    return entry, load(entry.data, DataLocations(given, None, path, offline=True, mirrors=()))


def key(path: Path) -> TrainingKey:
    entry, dataset = loaded(path)
    return training_key(entry, dataset.digest)


@pytest.mark.parametrize("write", WRITERS)
def test_completed_entry_is_complete(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    """An entry that is completed again is the same, and its file may be anywhere."""
    path = write(tmp_path)
    once = completed(read_entry(path))
    assert once.entry.data.is_complete
    assert completed(once).entry == once.entry


def test_key_of_a_moved_file(tmp_path: Path) -> None:
    """The key depends on the content of the files, and not on where they are."""
    first = key(write_iris(tmp_path))
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("iris.csv", "irises.toml"):
        shutil.copy(tmp_path / name, moved / name)
    assert key(moved / "irises.toml") == first
    (moved / "iris.csv").rename(moved / "flowers.csv")
    text = (moved / "irises.toml").read_text().replace("iris.csv", "flowers.csv")
    (moved / "irises.toml").write_text(text)
    assert key(moved / "irises.toml") == first


def test_key_of_changed_content(tmp_path: Path) -> None:
    """Another number in the file is another data set, with the same number of rows."""
    path = write_iris(tmp_path)
    first = key(path)
    text = (tmp_path / "iris.csv").read_text()
    (tmp_path / "iris.csv").write_text(text.replace("5.1,3.5", "5.2,3.5", 1))
    second = key(path)
    assert (second.data != first.data, second.recipe) == (True, first.recipe)


def test_key_of_groups_and_marked_rows(tmp_path: Path) -> None:
    """The columns that say how to split are part of the data."""
    rows: list[list[object]] = [[row, "xz"[row % 2], row // 3, "train"] for row in range(30)]
    rows[-1][-1] = rows[-2][-1] = "validation"
    header = ("a", "kind", "patient", "part")
    write_csv(tmp_path / "a.csv", header, rows)
    start = 'kind = "csv"\nfile = "a.csv"\nlabel = "kind"\ncolumns = ["a"]\n'
    paths = [
        write_entry(tmp_path, "grouped", f'{start}split = {{group = "patient", test = 6}}'),
        write_entry(tmp_path, "marked", f'{start}split = {{column = "part"}}'),
    ]
    before = [key(path).data for path in paths]
    rows[0][2], rows[0][3] = 9, "validation"
    write_csv(tmp_path / "a.csv", header, rows)
    after = [key(path).data for path in paths]
    assert len({*before, *after}) == 4
    assert loaded(paths[1])[0].data.sizes.validation == 3


def test_share_for_validation_beside_a_column(tmp_path: Path) -> None:
    """A column that only says train and test leaves a share for validation as it is."""
    rows: list[list[object]] = [[row, "xz"[row % 2], "train"] for row in range(30)]
    rows[0][-1] = rows[1][-1] = "test"
    write_csv(tmp_path / "a.csv", ("a", "kind", "part"), rows)
    data = (
        'kind = "csv"\nfile = "a.csv"\nlabel = "kind"\nsplit = {column = "part", validation = 0.25}'
    )
    entry, dataset = loaded(write_entry(tmp_path, "marked", data))
    assert entry.data.sizes == (21, 7, 0)
    assert dataset.test is not None
    assert len(dataset.test) == 2


def test_given_file(tmp_path: Path) -> None:
    """Another file may be given in place of the entry's, and is found relative to nothing else."""
    path = write_iris(tmp_path)
    lines = (tmp_path / "iris.csv").read_text().splitlines(keepends=True)
    (tmp_path / "fewer.csv").write_text("".join(lines[:1] + lines[1::2]))
    entry, dataset = loaded(path, tmp_path / "fewer.csv")
    assert (len(dataset.train), entry.data.sizes.train) == (75, 60)


@pytest.mark.parametrize("name", ["~/iris.csv", "data/../iris.csv", "iris.csv"])
def test_paths_of_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A path is relative to the folder of the entry, or to the user's folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "data").mkdir()
    path = write_iris(tmp_path)
    path.write_text(path.read_text().replace('file = "iris.csv"', f'file = "{name}"'))
    monkeypatch.chdir(tmp_path / "data")
    entry, dataset = loaded(path)
    assert len(dataset.train) == 150
    assert Path(entry.data.file).is_absolute()  # type: ignore[union-attr]  # it is a table


def test_stated_rows_that_are_not_there(tmp_path: Path) -> None:
    """An entry that states its rows is not trained on others."""
    path = write_iris(tmp_path)
    path.write_text(path.read_text().replace("[network]", "rows = 149\n[network]", 1))
    with pytest.raises(DataError, match=r"has changed: data\.rows is 149, and it has 150"):
        completed(read_entry(path))


@pytest.mark.parametrize("write", WRITERS)
def test_files_are_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], Path]
) -> None:
    """An entry is completed from its files and trained on them; they are read for that once."""
    read = counted(monkeypatch)
    path = write(tmp_path)
    entry, dataset = loaded(path)
    assert completed(read_entry(path), [("data.split.seed", 3)]).entry.data.is_complete
    assert len(read) == 1
    file = next(iter((tmp_path / "shapes").rglob("*.png")), None) or Path(entry.data.file)  # type: ignore[union-attr]
    os.utime(file, (1, 1))
    assert loaded(path)[1].digest == dataset.digest
    assert len(read) == 2


def test_file_replaced_with_the_same_time(tmp_path: Path) -> None:
    """Another file of the same size is another file, whatever its time."""
    path = write_iris(tmp_path)
    first = loaded(path)[1].digest
    file = tmp_path / "iris.csv"
    other = tmp_path / "other.csv"
    other.write_text(file.read_text().replace("5.1,3.5", "5.2,3.5", 1))
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert loaded(path)[1].digest != first


def counted(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object] = int) -> list[FileData]:
    """Return the list of what is read from now on; after each time `then` is called."""
    calls = []
    read = own._read  # noqa: SLF001 - that it is called

    def read_and_note(data: FileData) -> FileContent:
        calls.append(data)
        found = read(data)
        then()
        return found

    monkeypatch.setattr(own, "_read", read_and_note)
    return calls


@pytest.mark.parametrize(
    ("write", "changed"),
    [
        (write_iris, "iris.csv"),
        (write_digits, "digits.npz"),
        (write_shapes, "shapes/circle/0.png"),
        (write_shapes, "shapes/circle/new.png"),
    ],
)
def test_files_that_change_while_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], Path], changed: str
) -> None:
    """A file that is written meanwhile is not taken for what it was or will be."""
    path = write(tmp_path)
    counted(monkeypatch, lambda: (tmp_path / changed).write_bytes(b"x"))
    with pytest.raises(DataError, match=r"changed while it was read\."):
        loaded(path)


def test_missing_files(tmp_path: Path) -> None:
    """A file that does not exist is named by its path."""
    path = write_iris(tmp_path)
    (tmp_path / "iris.csv").unlink()
    with pytest.raises(DataError, match=r"iris.csv does not exist"):
        completed(read_entry(path))
    path = write_digits(tmp_path)
    (tmp_path / "digits.npz").unlink()
    with pytest.raises(DataError, match=r"digits.npz does not exist"):
        completed(read_entry(path))
