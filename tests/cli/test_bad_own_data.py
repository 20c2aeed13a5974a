"""Files and folders that cannot be trained on: a sentence, and nothing is written."""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.command import Result, zoo, zoo_ok
from tests.helpers.own_data import COLUMNS, iris, write_csv, write_entry

HEADER = "p,q,label"
ROWS = [f"{number % 7 / 2},{number % 5},{'ab'[number % 2]}" for number in range(60)]


def table(*rows: str, header: str = HEADER) -> bytes:
    """Return a table of good rows, with these in the middle."""
    return "\n".join([header, *ROWS[:30], *rows, *ROWS[30:]]).encode()


def columns(*values: Callable[[int], object]) -> bytes:
    """Return a table of 60 rows with the values of these columns."""
    lines = [",".join(str(value(row)) for value in values) for row in range(60)]
    return "\n".join([HEADER, *lines]).encode()


TABLES = {  # by a part of the message
    "is not text in UTF-8": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "is empty, or its first line is": b"",
    "has no rows": HEADER.encode(),
    "has one column; expected a label": b"label\n" + b"a\nb\n" * 30,
    "has two columns named 'p'": table(header="p,p,label"),
    "row 31: expected 3 cells, got more": table("1,2,a,4"),
    "line 32 has 5 cells; expected 3": table("1,2,a,4,5"),
    "row 31: the label is missing": table("1,2,"),
    "row 31, column 'p': expected a number, got 'hello'": table("hello,2,a"),
    "row 31, column 'p': expected a number, got 'inf'": table("inf,2,a"),
    "has no column of use besides the label 'label'": columns(lambda _: "nan", int, str),
    "all rows have the label 'a'": columns(lambda row: row % 7, lambda row: row % 5, lambda _: "a"),
    "to predict a quantity is regression": columns(lambda row: row % 7, lambda row: row % 5, float),
    "has one row of each class": columns(
        lambda row: row % 7, lambda row: row % 5, lambda row: f"name {row}"
    ),
    "has a line of more than 1,000,000 bytes": b",".join([b"c"] * 10**6),
    "has 20,000 columns; the maximum is 10,000": b",".join([b"c"] * 20_000) + b"\n",
    "has 99,999 columns; the maximum is 10,000": b",".join([b"ccc"] * 99_999) + b"\n",
    "is not a CSV file: EOF inside string": b'a,b,label\n"1,2,a\n3,4,b\n',
}
ARCHIVES: dict[str, dict[str, object]] = {
    "has the arrays a, b and c; expected x and y": dict.fromkeys("abc", np.zeros(5)),
    "has 5 rows, but labels of float64 (4,)": {"x": np.zeros((5, 4)), "y": np.zeros(4)},
    "row 1: a value is missing": {"x": np.full((50, 4), np.nan), "y": np.arange(50) % 2},
    "got an array of shape (9, 8, 8, 3)": {"x": np.zeros((9, 8, 8, 3)), "y": np.zeros(9)},
    "expected numbers or texts, got float64 (0, 4)": {"x": np.zeros((0, 4)), "y": np.zeros(0)},
}
FOLDERS: dict[str, dict[str, Sequence[tuple[int, int]]]] = {  # the sizes of a class's images
    "contains no folders; expected one for each class": {},
    "all rows have the label 'a'": {"a": [(9, 9)] * 9},
    "has one image of each class": {"a": [(9, 9)], "b": [(9, 9)]},
    "c contains no image": {"a": [(9, 9)] * 5, "b": [(9, 9)] * 5, "c": []},
}


def assert_refused(folder: Path, data: str, words: str) -> None:
    """Assert that commands refuse data in one sentence with a hint, and write nothing."""
    before = sorted(path.name for path in folder.iterdir())
    for command in (("init", "own", "--data", data), ("train", data), ("data", "show", data)):
        result = zoo(*command, cwd=folder)
        assert_sentence(result, words)
    checked = zoo("check", data, cwd=folder)
    assert checked.exit_code in {2, 3, 5}
    assert words in checked.stdout + checked.stderr
    assert sorted(path.name for path in folder.iterdir()) == before


def assert_sentence(result: Result, words: str) -> None:
    """Assert that a command fails with these words on the first line, and a hint at most."""
    first, *others = result.stderr.splitlines()
    assert words in first
    assert len(others) <= 1
    assert result.exit_code in {2, 3, 5}
    assert result.stdout == ""


def test_other_file(tmp_path: Path) -> None:
    """A file of another kind is refused by its name; for train it is the name of an entry."""
    (tmp_path / "notes.txt").write_text("hello")
    result = zoo("init", "own", "--data", "notes.txt", cwd=tmp_path)
    assert_sentence(result, "notes.txt is not data that zoo reads; expected a folder, or a file")
    result = zoo("train", "notes.txt", cwd=tmp_path)
    assert_sentence(result, "There is no entry named 'notes.txt'")
    assert "The file is none that zoo trains on: a folder, .csv, .tsv" in result.stderr


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that the user may not read is a sentence."""

    def refuse(_: object) -> object:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "photos").mkdir()
    monkeypatch.setattr(Path, "iterdir", refuse)
    result = zoo("init", "own", "--data", "photos", cwd=tmp_path)
    assert_sentence(result, "photos could not be read: Permission denied.")


@pytest.mark.parametrize("words", TABLES)
def test_bad_table(tmp_path: Path, words: str) -> None:
    """A file that is no table, or has a fault in one place."""
    (tmp_path / "table.csv").write_bytes(TABLES[words])
    assert_refused(tmp_path, "table.csv", words)


def test_bad_gzip(tmp_path: Path) -> None:
    """A gzipped file that was cut off."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(table())[:-20])
    assert_refused(tmp_path, "a.csv.gz", "is not a CSV file: Compressed file ended")


@pytest.mark.parametrize("words", ARCHIVES)
def test_bad_npz(tmp_path: Path, words: str) -> None:
    """Arrays without usual names, of other lengths, with NaN, colours or nothing."""
    np.savez(tmp_path / "data.npz", **ARCHIVES[words])  # type: ignore[arg-type]
    assert_refused(tmp_path, "data.npz", words)


@pytest.mark.parametrize("words", FOLDERS)
def test_bad_folder(tmp_path: Path, words: str) -> None:
    """A folder that is empty, has one class, one image of each, or an empty class."""
    top = tmp_path / "photos"
    top.mkdir()
    for name, sizes in FOLDERS[words].items():
        (top / name).mkdir()
        for number, size in enumerate(sizes):
            Image.new("L", size, 9 * number).save(top / name / f"{number}.png")
    assert_refused(tmp_path, "photos", words)


def test_bad_image_in_folder(tmp_path: Path) -> None:
    """A file that is not an image is named."""
    for name in "ab":
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("L", (9, 9)).save(tmp_path / "photos" / name / "1.png")
        Image.new("L", (9, 9)).save(tmp_path / "photos" / name / "2.png")
    (tmp_path / "photos/a/notes.txt").write_text("hello")
    assert_refused(tmp_path, "photos", "notes.txt is not a supported image")


def test_bad_idx(tmp_path: Path) -> None:
    """Images without labels beside them, and a file that is too short."""
    (tmp_path / "a-images-idx3-ubyte").write_bytes(b"hello")
    assert_refused(tmp_path, "a-images-idx3-ubyte", "has no file of labels beside it")
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(b"hello")
    assert_refused(tmp_path, "a-images-idx3-ubyte", "is too short: an IDX header has 16 bytes")


def test_images_of_very_different_sizes(tmp_path: Path) -> None:
    """They are trained on, padded, and a warning names the sizes."""
    for name in "ab":
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(6):
            size = (300, 10) if number % 2 else (5, 5)
            Image.new("L", size, 9 * number).save(tmp_path / "photos" / name / f"{number}.png")
    result = zoo("train", "photos", cwd=tmp_path)
    assert result.exit_code == 0
    assert "warning: The images have very different sizes, 5 x 5 to 10 x 300;" in result.stderr


def test_bad_label_option(tmp_path: Path) -> None:
    """A column that does not exist is named with those that do."""
    (tmp_path / "table.csv").write_bytes(table())
    result = zoo("init", "own", "--data", "table.csv", "--label", "kind", cwd=tmp_path)
    assert_sentence(result, "table.csv has no column 'kind'.")
    assert "Its columns are p, q and label." in result.stderr
    zoo_ok("init", "own", "--data", "table.csv", "--label", "3", cwd=tmp_path)


@pytest.mark.parametrize(
    ("label", "words"),
    [("", "row 31: the label is missing."), ("rosa", "row 31: 'rosa' is none of the classes.")],
)
def test_bad_test_file(tmp_path: Path, label: str, words: str) -> None:
    """A test row without a label, and one of a class that is not in the training rows."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris())
    rows = [*iris()[:30], [*iris()[0][:4], label]]
    write_csv(tmp_path / "test.csv", COLUMNS, rows)
    data = 'kind = "csv"\nfile = "iris.csv"\ntest_file = "test.csv"\nlabel = "species"'
    entry = write_entry(tmp_path, "irises", data)
    result = zoo("train", entry, cwd=tmp_path)
    assert_sentence(result, words)
    assert not (tmp_path / "runs").exists()
    assert words in zoo("check", entry, cwd=tmp_path).stdout


def test_class_of_test_rows_only(tmp_path: Path) -> None:
    """The column of splits may not give all rows of a class to the test split."""
    rows = [[*row[:4], "test" if row[4] == "setosa" else "train", row[4]] for row in iris()]
    write_csv(tmp_path / "iris.csv", (*COLUMNS[:4], "part", "species"), rows)
    assert_refused(tmp_path, "iris.csv", "only rows for testing have the class 'setosa'")
