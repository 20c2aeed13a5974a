"""Rows of a table for a model, whose columns are found by their names."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zoo.config.dataset_info import TableForm
from zoo.data.own import table_chunks
from zoo.data.own.named_rows import named_rows
from zoo.errors import DataError

FORM = TableForm(
    columns=("a", "colour", "b"),
    categories={"colour": ("blue", "red")},
    missing="mean",
    means=(1.5, 0.25, 0.75, 9.0),
    delimiter=",",
    ignored=frozenset({"kind"}),
)
EXPECTED = [[1, 0, 1, 2], [3, 1, 0, 9]]


def rows(text: str, form: TableForm = FORM) -> list[list[float]]:
    stream = io.BytesIO(text.encode())
    found = []
    for row in named_rows(Path("stdin"), form, stream):
        if isinstance(row, DataError):
            raise row
        found.append(row.tolist())
    return found


@pytest.mark.parametrize(
    "text",
    [
        "a,colour,b\n1,red,2\n3,blue,\n",
        "b,a,colour\n2,1,red\nNA,3,blue\n",
        "kind,b,a,colour\nx,2,1,red\ny,,3,blue\n",
        "1,red,2\n3,blue,\n",
        "\ufeffa,colour,b\r\n1,red,2\r\n3,blue,?\r\n",
    ],
)
def test_named_rows(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their order does not matter; without a header they are in the order of the model's."""
    assert rows(text) == EXPECTED
    monkeypatch.setattr(table_chunks, "CHUNK_ROWS", 1)
    assert rows(text) == EXPECTED


def test_named_rows_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("b,colour,a\n2,red,1\n,blue,3\n")
    rows_of_file = named_rows(tmp_path / "a.csv", FORM)
    found = np.stack([row for row in rows_of_file if not isinstance(row, DataError)])
    np.testing.assert_array_equal(found, np.array(EXPECTED, np.float32), strict=True)


def test_named_rows_extra_column(caplog: pytest.LogCaptureFixture) -> None:
    """A column that the model does not use is named; the label is expected."""
    assert rows("a,colour,kind,size,b\n1,red,x,5,2\n3,blue,y,5,\n") == EXPECTED
    assert caplog.messages == ["stdin: the model does not use 'size'."]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,colour\n1,red\n", "stdin has no column 'b'"),
        ("1,red\n", "stdin has no header, and 2 columns; the model takes 3"),
        ("a,colour,b\n1,green,2\n", "row 1, column 'colour': 'green' is none of its categories"),
        ("a,colour,b\nx,red,2\n", "row 1, column 'a': expected a number, got 'x'"),
        ("a,colour,b\n", "stdin has no rows"),
    ],
)
def test_named_rows_that_do_not_fit(text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        rows(text)


def test_named_rows_row_of_a_later_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of an unknown category is counted from the start of the file."""
    monkeypatch.setattr(table_chunks, "CHUNK_ROWS", 2)
    with pytest.raises(DataError, match="row 4, column 'colour': 'green'"):
        rows("a,colour,b\n" + "1,red,2\n" * 3 + "1,green,2\n")


@pytest.mark.parametrize("chunk_rows", [1, 2, 10_000])
def test_named_rows_beside_bad_ones(chunk_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every good row is read, and each bad one has the error of its first bad cell."""
    monkeypatch.setattr(table_chunks, "CHUNK_ROWS", chunk_rows)
    form = replace(FORM, missing="refuse", means=())
    cells = ["1,red,2", "x,green,2", "3,green,4", "5,blue,", "True,red,8", "9,,10", "11,blue,12"]
    stream = io.BytesIO("\n".join(["a,colour,b", *cells]).encode())
    found = list(named_rows(Path("x"), form, stream))
    assert [row.tolist() for row in found if not isinstance(row, DataError)] == [
        [1, 0, 1, 2],
        [1, 0, 1, 8],
        [11, 1, 0, 12],
    ]
    assert [str(row) for row in found if isinstance(row, DataError)] == [
        "x, row 2, column 'a': expected a number, got 'x'.",
        "x, row 3, column 'colour': 'green' is none of its categories.",
        "x, row 4, column 'b': the value is missing.",
        "x, row 6, column 'colour': the value is missing.",
    ]


def test_named_rows_of_columns_that_are_numbers() -> None:
    """A model of columns 0 and 1 finds them in a header."""
    form = TableForm(("0", "1"), {}, "refuse", (), ",", frozenset({"kind"}))
    assert rows("1,0\n5,6\n", form) == [[6, 5]]
    assert rows("5,6\n7,8\n", form) == [[5, 6], [7, 8]]
