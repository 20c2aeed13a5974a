"""CSV files of table rows."""

import io

import numpy as np
import pytest

from zoo.config.datasets import TableData
from zoo.data.csv_rows import rows_in
from zoo.errors import CorruptFileError

TABLE = TableData(kind="table", columns=3, classes=2, rows=2)


def rows_of(text: str) -> list[list[float]]:
    found = []
    for row in rows_in(io.BytesIO(text.encode()), TABLE.source, where="points"):
        if isinstance(row, CorruptFileError):
            raise row
        found.append(row.tolist())
    return found


@pytest.mark.parametrize(
    "text",
    [
        "1,-2.5,1e-3\n4,5,6\n",
        "\ufeffa,b,c\r\n1,-2.5,1e-3\r\n\r\n4,5,6",
        'a,Label,b,c\n" +1",x,-2.5,.001\n4., ,5,6e0\n',
    ],
)
def test_csv_rows(text: str) -> None:
    """A header, a mark of the encoding, blank lines and the labels are skipped."""
    assert rows_of(text) == [[1, -2.5, float(np.float32(0.001))], [4, 5, 6]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n\n1,2,3\n1,x,3\n", "points, row 2, column 2: expected a number, got 'x'."),
        ("a,label,b,c\n1,0,2,\n", "points, row 1, column 4: expected a number, got ''."),
        ("1,2,nan\n", "points, row 1, column 3: expected a number, got 'nan'."),
        ("1,1e39,3\n", "points, row 1, column 2: expected a number, got '1e39'."),
        ("1_0,2,3\n1_0,2,3\n", "points, row 1, column 1: expected a number, got '1_0'."),
        ("1,2,3\n1,2\n", "points, line 2: expected 3 numbers, got 2."),
        ("a,b\n1,2\n", "points, line 1: expected 3 numbers, got 2 columns."),
        (f"1,{'2' * 200_000},3\n", "points is not a CSV file: field larger than field limit"),
    ],
)
def test_csv_rows_error(text: str, message: str) -> None:
    with pytest.raises(CorruptFileError) as caught:
        rows_of(text)
    assert str(caught.value).startswith(message)


def test_csv_rows_streamed() -> None:
    """The rows beside a bad one are yielded, and those before the end of a damaged file."""
    rows = rows_in(io.BytesIO(b"1,2,3\nx,y,z\n4,5,6\n7\n"), TABLE.source, where="points")
    first, bad, second = (next(rows) for _ in range(3))
    assert [np.sum(first), np.sum(second)] == [6, 15]  # type: ignore[arg-type]
    assert str(bad).startswith("points, row 2, column 1")
    with pytest.raises(CorruptFileError, match="line 4: expected 3 numbers, got 1"):
        next(rows)


def test_csv_rows_cell_over_several_lines() -> None:
    """Quotes end with their line, so a file of quotes is not one endless row."""
    with pytest.raises(CorruptFileError, match=r"points, line 1: expected 3 numbers, got 2\."):
        rows_of('1,"2\n' * 9)


def test_csv_rows_long_line() -> None:
    with pytest.raises(CorruptFileError, match="a line has more than 1,000,000 characters"):
        rows_of("1," * 500_001)
