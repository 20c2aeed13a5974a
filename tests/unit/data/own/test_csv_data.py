"""Tables of the user's: headers, cells, categories, splits, and what is wrong with them."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zoo.config.own_data import CsvData
from zoo.data.dataset import LabeledRows
from zoo.data.own import csv_data, table, table_chunks, table_file, unpacked_size
from zoo.data.own.file_content import FileContent
from zoo.errors import CorruptFileError, DataError, ZooError

ROWS = "a,b,y\n1,2,x\n3,4,z\n"


def found(folder: Path, content: str | bytes, name: str = "a.csv", **keys: Any) -> FileContent:
    """Return what is found in a table with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return csv_data.find(CsvData(kind="csv", file=str(path), **({"label": "y"} | keys)))


def first_column(rows: LabeledRows | None) -> list[float]:
    assert rows is not None
    column: list[float] = np.take(rows.values, 0, axis=1).tolist()
    return column


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        (ROWS, {}),
        (ROWS, {"label": 3}),
        (f"\ufeff{ROWS}", {}),
        (ROWS.replace("\n", "\r\n"), {}),
        (ROWS.replace("\n", "\r"), {}),
        (ROWS.replace(",", " , "), {}),
        (ROWS.replace(",", ";"), {"delimiter": ";"}),
        (ROWS.replace(",", "\t"), {"delimiter": "\t"}),
        (ROWS.replace("\n", "\n\n"), {}),
        ('"a","b","y"\n"1",2,"x"\n3,"4",z\n', {}),
        (f"{ROWS}".replace("x\n", "x,\n"), {}),
        ("y,b,a\nx,2,1\nz,4,3\n", {"columns": ["a", "b"]}),
        ("a,b,y,c\n1,2,x,q\n3,4,z,q\n", {"columns": ["a", "b"]}),
    ],
)
def test_csv_ways_to_write_a_table(tmp_path: Path, content: str, keys: dict[str, Any]) -> None:
    """A mark at the start, ends of lines, spaces, quotes and other columns change nothing."""
    result = found(tmp_path, content, **keys)
    np.testing.assert_array_equal(result.train.values, np.array([[1, 2], [3, 4]], np.float32))
    assert result.train.labels.tolist() == [0, 1]
    assert result.facts == {
        "rows": 2,
        "test_rows": 0,
        "label": "y",
        "classes": ("x", "z"),
        "columns": ("a", "b"),
        "categories": {},
    }


def test_csv_without_a_header(tmp_path: Path) -> None:
    """Columns without names are called by their numbers."""
    result = found(tmp_path, "1,2,x\n3,4,z\n", label=3)
    assert (result.facts["columns"], result.facts["label"]) == (("1", "2"), "3")
    assert len(result.train.values) == 2


@pytest.mark.parametrize("header", ["0,1,y", "2019,2020,y"])
def test_csv_names_that_are_numbers(tmp_path: Path, header: str) -> None:
    """The label's name makes the first line a header: pandas calls columns 0 and 1."""
    result = found(tmp_path, f"{header}\n1,2,x\n3,4,z\n")
    assert result.facts["columns"] == tuple(header.split(",")[:2])
    assert len(result.train.values) == 2


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv"])
def test_csv_gzipped(tmp_path: Path, name: str) -> None:
    """It is the content that says whether a file is gzipped."""
    assert len(found(tmp_path, gzip.compress(ROWS.encode()), name).train.values) == 2
    assert len(found(tmp_path, ROWS, name).train.values) == 2


def test_csv_parquet(tmp_path: Path) -> None:
    """A Parquet file has the same columns, missing values and texts."""
    pytest.importorskip("pyarrow")
    import pandas as pd

    frame = pd.DataFrame(
        {
            "a": [1, 2, 3],
            "b": [0.5, None, 2.5],
            "c": pd.Series(["red", "blue", None], dtype="string"),
            "y": [1.0, 0.0, 1.0],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    data = CsvData(
        kind="csv",
        file=str(tmp_path / "a.parquet"),
        label="y",
        missing="mean",
        categories=["c"],  # type: ignore[arg-type]  # a list of columns is checked too
    )
    result = csv_data.find(data)
    expected = np.array([[1, 0.5, 0, 1], [2, np.nan, 1, 0], [3, 2.5, 0, 0]], np.float32)
    np.testing.assert_array_equal(result.train.values, expected)
    assert (result.facts["classes"], result.train.labels.tolist()) == (("0", "1"), [1, 0, 1])


def test_csv_missing_values(tmp_path: Path) -> None:
    """A missing number is NaN until the training has its mean; the marks are the usual ones."""
    marks = ["", "NA", "n/a", "NaN", "null", "None", "?"]
    lines = "".join(f"{mark},2,{'xz'[place % 2]}\n" for place, mark in enumerate(marks))
    result = found(tmp_path, f"a,b,y\n{lines}", missing="mean")
    assert np.isnan(first_column(result.train)).all()
    with pytest.raises(DataError, match=r"a.csv, row 1, column 'a': the value is missing\."):
        found(tmp_path, f"a,b,y\n{lines}")


def test_csv_class_named_na(tmp_path: Path) -> None:
    """NA is missing among numbers, and a class among labels."""
    assert found(tmp_path, "a,y\n1,NA\n2,None\n").facts["classes"] == ("NA", "None")


def test_csv_categories(tmp_path: Path) -> None:
    """A column of texts has an input for each text; a missing one is none of them."""
    content = "c,a,y\nred,1,x\nblue,2,z\n,3,x\n"
    result = found(tmp_path, content, categories=["c"], missing="mean")
    np.testing.assert_array_equal(result.train.values, [[0, 1, 1], [1, 0, 2], [0, 0, 3]])
    assert result.facts["categories"] == {"c": ("blue", "red")}
    with pytest.raises(DataError, match="row 2, column 'c': 'blue' is none of its categories"):
        found(tmp_path, content, categories={"c": ["red", "green"]}, missing="mean")


def test_csv_chunk_borders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of any size give the same rows, and an error has the number of its row."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 99, (23, 3))
    lines = [f"{','.join(map(str, row))},{'pqr'[row[0] % 3]},{row[1] % 4}" for row in values]
    content = "\n".join(["a,b,c,k,y", *lines, ""])
    whole = found(tmp_path, content, categories=["k"])
    for rows in (1, 4, 23, 50):
        monkeypatch.setattr(table_chunks, "CHUNK_ROWS", rows)
        parts = found(tmp_path, f"{content}\n" * 1 + "\n" * rows, categories=["k"])
        np.testing.assert_array_equal(parts.train.values, whole.train.values)
        np.testing.assert_array_equal(parts.train.labels, whole.train.labels)
        assert parts.facts == whole.facts
    monkeypatch.setattr(table_chunks, "CHUNK_ROWS", 4)
    with pytest.raises(DataError, match="row 24, column 'b': expected a number, got 'many'"):
        found(tmp_path, f"{content}1,many,3,p,0\n", categories=["k"])
    with pytest.raises(CorruptFileError, match="row 24: expected 5 cells, got more"):
        found(tmp_path, f"{content}1,2,3,p,0,7\n", categories=["k"])


def test_csv_wide_table_is_read_in_few_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk has a limit of cells, and at least one row."""
    monkeypatch.setattr(table_chunks, "CHUNK_CELLS", 2)
    assert len(found(tmp_path, ROWS).train.values) == 2


@pytest.mark.parametrize(
    ("content", "keys", "kind", "problem"),
    [
        ("", {}, DataError, "is empty, or its first line is"),
        ("a,b,y\n", {}, DataError, "has no rows"),
        ("y\nx\nz\n", {}, DataError, "has one column; expected a label and columns of numbers"),
        ("a,b\n1,2\n", {}, DataError, "has no column 'y'"),
        ("a;y\n1;x\n", {}, DataError, "has no column 'y'"),
        ("a,a,y\n1,2,x\n", {}, DataError, "has two columns named 'a'"),
        ('"a\nb",y\n1,x\n', {}, CorruptFileError, "a quotation mark in its first line"),
        ('a,y\n1,"x\n2,z\n', {}, CorruptFileError, "is not a CSV file: EOF inside string"),
        ("a,y\n1,x,2\n3,z\n", {}, CorruptFileError, "row 1: expected 2 cells, got more"),
        ("a,y\n1,x,,2\n3,z\n", {}, CorruptFileError, "row 1: expected 2 cells, got more"),
        (
            f"a,y\n{'1' * 400},x\nb,z\n",
            {},
            DataError,
            "row 1, column 'a': expected a number, got '1",
        ),
        (f"a,y\n1,{'1' * 5000}\n2,3\n", {}, DataError, "is not the name of a class"),
        ("a,y\n1,x\n3,z,4,5\n", {}, CorruptFileError, "line 3 has 4 cells; expected 2"),
        ("a,y\n1,x\n2,x\n", {}, DataError, "all rows have the label 'x'; expected two classes"),
        ("a,y\n1,x\n2,\n3,z\n", {}, DataError, "row 2: the label is missing"),
        ("a,y\n1,x\n2,z\n", {"label": 3}, DataError, "has 2 columns; data.label is column 3"),
        ("a,y\n1,x\n2,z\n", {"columns": ["q"]}, DataError, "has no column 'q'"),
        ("a,y\n1,x\n2,z\n", {"columns": ["a", "y"], "label": 2}, DataError, "is the label, and"),
        ("a,y\n1,x\n2,z\n", {"categories": ["q"]}, DataError, "'q' for data.categories"),
        ("a,y\n2020-01-01,x\n", {}, DataError, "row 1, column 'a': expected a number, got '2020"),
        ("a,y\n1e39,x\n", {}, DataError, "expected a number, got '1e+39'"),
        ("a,y\n1,x\n-inf,z\n", {}, DataError, "row 2, column 'a': expected a number, got '-inf'"),
        ("a\x1b[31m,y\n1,x\n", {}, CorruptFileError, "is not the name of a column"),
        (f"{'a' * 201},y\n1,x\n", {}, CorruptFileError, "at most 200 printable characters"),
        ("a,y\n1,x\x1b[31m\n2,z\n", {}, DataError, "is not the name of a class"),
        (f"a,y\n1,{'x' * 2_000_000}\n", {}, CorruptFileError, "line of more than 1,000,000 bytes"),
        (",".join(map("c{}".format, range(10**6))), {}, CorruptFileError, "line of more than"),
        (",".join(map("c{}".format, range(20_000))), {}, DataError, "the maximum is 10,000"),
        ("a,y\n1,é\n".encode("latin-1"), {}, CorruptFileError, "is not text in UTF-8"),
        ("a,y\n1,x\n".encode("utf-16"), {}, CorruptFileError, "is not text in UTF-8"),
        (gzip.compress(ROWS.encode(), mtime=0)[:20], {}, CorruptFileError, "is not a CSV file"),
        (b"PK\x03\x04\0\0,\0", {}, CorruptFileError, "is not the name of a column"),
    ],
)
def test_csv_bad_tables(
    tmp_path: Path, content: str | bytes, keys: dict[str, Any], kind: type[ZooError], problem: str
) -> None:
    """Each has one sentence that names the file."""
    with pytest.raises(kind) as caught:
        found(tmp_path, content, **keys)
    assert problem in str(caught.value)
    assert str(tmp_path / "a.csv") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_csv_damaged_gzip(tmp_path: Path) -> None:
    """What zlib finds is a sentence, too."""
    content = bytearray(gzip.compress(ROWS.encode()))
    content[15] ^= 255
    with pytest.raises(CorruptFileError, match="is not a CSV file: Error -3"):
        found(tmp_path, bytes(content))


def test_csv_hint_of_a_delimiter(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        found(tmp_path, ROWS.replace(",", ";"))
    assert caught.value.hint == "If ';' is between its cells, set data.delimiter to it."


def test_csv_long_lines_of_a_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are long, but no longer than a line may be, do not fill the memory."""
    monkeypatch.setattr(table_file, "CHUNK_BYTES", 2_000_000)
    with pytest.raises(CorruptFileError, match="has lines of more than 200 bytes"):
        found(tmp_path, "a,y\n" + f"1,x{' ' * 900_000}\n" * 5)


def test_csv_many_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels have a limit, and groups do not."""
    monkeypatch.setattr(table, "MAX_TEXTS", 3)
    lines = "".join(f"{row},n{row},{'xz'[row % 2]}\n" for row in range(9))
    with pytest.raises(DataError, match="column 'n' has more than 3 different texts"):
        found(tmp_path, f"a,n,y\n{lines}", label="n", columns=["a"])
    result = found(tmp_path, f"a,n,y\n{lines}", split={"group": "n"})
    assert result.groups is not None
    assert len(set(result.groups.tolist())) == 9


def test_csv_groups(tmp_path: Path) -> None:
    """Rows with equal texts in the column are a group; the column is not an input."""
    content = "a,g,y\n1,p,x\n2,q,z\n3,p,z\n"
    result = found(tmp_path, content, split={"group": "g"})
    assert result.groups is not None
    assert (result.groups.tolist(), result.facts["columns"]) == ([0, 1, 0], ("a",))
    with pytest.raises(DataError, match="row 2, column 'g': the value is missing"):
        found(tmp_path, content.replace("q", ""), split={"group": "g"})


def test_csv_column_of_splits(tmp_path: Path) -> None:
    """A column says which rows are for training, validation and testing."""
    content = "a,s,y\n1,train,x\n2,Test,z\n3,dev,z\n4,train,z\n"
    result = found(tmp_path, content, split={"column": "s"})
    assert first_column(result.train) == [1, 3, 4]
    assert first_column(result.test) == [2]
    assert result.validation is not None
    assert result.validation.tolist() == [False, True, False]
    with pytest.raises(DataError, match="'later'; expected train, validation and test"):
        found(tmp_path, content.replace("dev", "later"), split={"column": "s"})
    with pytest.raises(DataError, match="no row in column 's' is for training"):
        found(tmp_path, content.replace("train", "test"), split={"column": "s"})


def test_csv_test_file(tmp_path: Path) -> None:
    """Test rows have the classes and the columns of the training rows, in any order."""
    (tmp_path / "t.csv").write_text("y,b,a\nz,4,3\n")
    result = found(tmp_path, ROWS, test_file=str(tmp_path / "t.csv"))
    assert result.test is not None
    np.testing.assert_array_equal(result.test.values, [[3, 4]])
    assert result.test.labels.tolist() == [1]
    (tmp_path / "t.csv").write_text("y,b,a\nq,4,3\n")
    with pytest.raises(DataError, match=r"t.csv, row 1: 'q' is none of the classes\."):
        found(tmp_path, ROWS, test_file=str(tmp_path / "t.csv"))


def test_gzip_that_unpacks_to_much_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may not unpack to more than a hundred times its size, if that is much."""
    content = gzip.compress(ROWS.encode() + b"1,2,x\n" * 100_000)
    assert len(found(tmp_path, content, "a.csv.gz").train.values) == 100_002
    monkeypatch.setattr(unpacked_size, "FREE_BYTES", 1_000)
    with pytest.raises(CorruptFileError, match="has more than 100 times its size when it is"):
        found(tmp_path, content, "a.csv.gz")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_bound_of_the_rows(tmp_path: Path, end: str) -> None:
    """It is not less than the rows, whatever ends a line."""
    (tmp_path / "a.csv").write_text("a,y" + f"{end}1,x" * 9, newline="")
    assert 9 <= table_chunks.row_bound(tmp_path / "a.csv") <= 10
