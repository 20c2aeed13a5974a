"""The first line of a table: names, or a row."""

import io
from pathlib import Path

import pytest

from zoo.data.own.table_names import header_of


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a,b,kind", "1,2,x"),
        ("0,1,2,3", "5,6,7,8"),  # as pandas calls columns without names
        ("0,1,2,kind", "5.1,3.5,1.4,x"),
        ("1,2,3,kind", "5.1,3.5,1.4,x"),
        ("0,label", "5.1,x"),
        ("0,Class", "5.1,x"),
        ("2019,2020,kind", "5,6,7"),  # a text above a number
        ("a,b,kind", ""),
    ],
)
def test_first_line_of_names(first: str, second: str) -> None:
    """Names may be numbers where they count the columns, or others are surely names."""
    lines = io.StringIO(f"{first}\n{second}")
    names, rows, _ = header_of(Path("a.csv"), lines, ",", ())
    assert (names, rows, lines.read()) == (tuple(first.split(",")), second, "")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("5.1,3.5,setosa", "4.9,3.0,setosa"),
        ("0,1,x", "2,3,y"),
        ("1.5,2.5,y", "1,2,n"),  # the answer yes
        ("1.5,NA,x", "1,2,x"),  # a missing value above a number
        ("1,2,3", "4,5,x"),
        ("5,x", '6,"a line'),
        ("5,x", f"6,{'x' * 200_000}"),
    ],
)
def test_first_line_that_is_a_row(first: str, second: str) -> None:
    """Its columns are called by their numbers, and it is read with the other rows."""
    names, rows, _ = header_of(Path("a.csv"), io.StringIO(f"{first}\n{second}"), ",", ())
    expected = tuple(str(number + 1) for number in range(len(names)))
    assert (names, rows) == (expected, f"{first}\n{second}")


def test_names_with_underscores() -> None:
    """Python takes 1_0 for a number, and a table does not."""
    names, _, _ = header_of(Path("a.csv"), io.StringIO("0_0,0_1,kind\n1,2,x\n"), ",", ())
    assert names == ("0_0", "0_1", "kind")


@pytest.mark.parametrize(
    ("line", "is_header"),
    [
        ("1,2,3", True),
        ("1,2,3,kind", True),
        ("3,1,2,kind", True),
        ("3,1,2", False),
        ("1.5,2,3", False),
        ("1.5,2,3,setosa", False),
    ],
)
def test_header_of_numbers_that_are_known(line: str, *, is_header: bool) -> None:
    """A model of a table without a header calls the columns 1, 2 and 3, as a new file may."""
    lines = io.StringIO(f"{line}\n5,6,7\n")
    header = header_of(Path("a.csv"), lines, ",", ("1", "2", "3"))
    assert (header.rows == "5,6,7\n") == is_header
