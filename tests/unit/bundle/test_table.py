"""Tables read by the plain Python of a bundle, compared with zoo."""

import io
import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from zoo.bundle.app import csv_rows as bundle_rows
from zoo.bundle.app import table as bundle_table
from zoo.bundle.app.errors import BundleError
from zoo.config.dataset_info import SOURCES, TableForm
from zoo.data import csv_rows
from zoo.data.own.named_rows import named_rows
from zoo.errors import ZooError

FORM = TableForm(("a", "b", "c"), {}, "refuse", (), ",", frozenset({"y"}))
GAPS = replace(FORM, missing="mean", means=(0.1, 0.2, 0.3))
COLOURS = replace(FORM, categories={"b": ("u", "v")})
HEADER = b"a,b,c\n"


def rows_or_error(
    read: Callable[[], Iterable[Iterable[float] | ZooError | BundleError]],
) -> tuple[list[list[float]], list[tuple[object, ...]]]:
    """Return the rows, and the errors of rows and of the file: sentence, hint and exit code."""
    rows: list[list[float]] = []
    errors: list[ZooError | BundleError] = []
    try:
        for row in read():
            if isinstance(row, ZooError | BundleError):
                errors.append(row)
            else:
                rows.append(list(map(float, row)))
    except (ZooError, BundleError) as error:
        errors.append(error)
    return rows, [
        (str(error), error.hint, error.exit_code if isinstance(error, ZooError) else error.code)
        for error in errors
    ]


def read_alike(
    content: bytes, form: TableForm = FORM
) -> tuple[list[list[float]], list[tuple[object, ...]]]:
    """Return what both read, or raise."""
    plain = bundle_table.TableForm(asdict(form) | {"ignored": sorted(form.ignored)})
    expected = rows_or_error(lambda: named_rows(Path("x"), form, io.BytesIO(content)))
    found = rows_or_error(lambda: bundle_table.named_rows(io.BytesIO(content), plain, "x"))
    assert found[1] == expected[1]
    assert np.array_equal(np.array(found[0]), np.array(expected[0]), equal_nan=True)
    return found


@pytest.mark.parametrize(
    "content",
    [
        HEADER + b"1,2,3\n4,5,6",
        b"c,y,a,b\n3,x,1,2\n",  # another order, and the label
        b"\xef\xbb\xbfa , b,c\r\n1,2,3\r\n",
        b"a,b,c\r1,2,3\r",
        HEADER + b"\n1,2,3\n   \n4,5,6\n",
        HEADER + b"1,2,3,\n",
        HEADER + b"1, 2 ,+.5e-1 \n",
        HEADER + b'"1","2",3\n',
        HEADER + b"1,2,True\n1,2,False\n",
        HEADER + b"1,2,True\n1,2,1\n",  # the first row is a part of its own
        b"1,2,3\n4,5,6\n",
        HEADER + b"0.1,16777217,3.4028235e38\n",
    ],
)
def test_table_rows(content: bytes) -> None:
    rows, error = read_alike(content)
    assert rows
    assert not error


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\na,b,c\n",
        HEADER,
        b"a,b,c,a\n",
        b"b,y\n1,2\n",
        b",".join(b"c%d" % number for number in range(10_001)) + b"\n",
        b"1,2\n4,5\n",
        HEADER + b"1,2\n",
        HEADER + b"1,2,3\n1,2,3,4\n",
        HEADER + b"1,2,3\n\n1,2,3,4,5\n",
        b"1,2,3\n1,2,3,4,5\n",
        HEADER + b"1,2,3\n1,2\n",
        HEADER + b"1,2,x\n1,NA,3\n",
        HEADER + b"1,NA,3\n1,x,3\n",
        HEADER + b"1,2,inf\n",
        HEADER + b"1,2,NAN\n",
        HEADER + b"1,2,1_0\n",
        HEADER + b"1,2,0x10\n",
        HEADER + b"1,2," + b"x" * 50 + b"\n",
        HEADER + b'1,"2\n3",4\n',
        HEADER + b'1,2,3\n1,"2,3\n',
        HEADER + b"1,2,\xff\n",
        HEADER + b"1,2," + b"9" * 1_000_001,
    ],
)
def test_table_error(content: bytes) -> None:
    """An error has the sentence, the hint and the exit code of zoo."""
    _rows, error = read_alike(content)
    assert error


def test_table_missing_values() -> None:
    """Missing numbers are the means of the training rows; those of texts are no category."""
    rows, _ = read_alike(HEADER + b"NA,2,\n1,n/a,null\n", GAPS)
    assert rows == [
        [pytest.approx(0.1), 2, pytest.approx(0.3)],
        [1, *map(pytest.approx, (0.2, 0.3))],
    ]
    read_alike(HEADER + b"1,2,True\n1,2,\n", GAPS)
    texts = replace(COLOURS, missing="mean", means=(1, 0.5, 0.5, 1))
    assert read_alike(HEADER + b",v,3\n2, ,3\n", texts)[0] == [[1, 0, 1, 3], [2, 0, 0, 3]]


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        (HEADER + b"1,u,3\n1, v ,3\n", True),
        (b"1,u,3\n1,v,3\n", True),
        (HEADER + b"1,u,3\n1,w,3\n1,x,3\n", True),
        (HEADER + b"1,,3\n", False),
        (HEADER + b"1,w,x\n", False),
        (HEADER + b"1," + b"w" * 50 + b",3\n", False),
    ],
)
def test_table_categories(content: bytes, *, is_read: bool) -> None:
    assert bool(read_alike(content, COLOURS)[0]) == is_read


@pytest.mark.parametrize("delimiter", [";", "\t", " ", "|"])
def test_table_delimiter(delimiter: str) -> None:
    form = replace(FORM, delimiter=delimiter)
    content = HEADER + b"1,,3\n4,5,6\n"
    read_alike(content.replace(b",", delimiter.encode()), form)
    assert read_alike(content.replace(b",,", b",2,").replace(b",", delimiter.encode()), form)[0]


@pytest.mark.parametrize("own", ";\t|,")
@pytest.mark.parametrize("usual", ",; ")
def test_table_other_delimiter(own: str, usual: str) -> None:
    """The delimiter of the file counts, with and without names; a comma may be in a cell."""
    form = replace(FORM, delimiter=usual)
    other = ";" if own == "," else ","
    content = f'a,"y{other}",c,b\n1,"2{other}",3,4\n'.replace(",", own)
    assert read_alike(content.encode(), form)[0] == [[1, 4, 3]]
    assert read_alike("1,2,3\n4,5,6\n".replace(",", own).encode(), form)[0][1] == [4, 5, 6]
    _, errors = read_alike("a,b\n1,2\n".replace(",", own).encode(), form)
    assert errors == [("x has no column 'c'.", "Its columns are a and b.", 3)]


@pytest.mark.parametrize(
    ("columns", "content", "rows"),
    [
        (("0", "1"), b"1,0\n5,6\n", [[6, 5]]),
        (("0", "1"), b"5,6\n7,8\n", [[5, 6], [7, 8]]),
        (("1", "2"), b"5,6\n7,8\n", [[5, 6], [7, 8]]),
        (("1", "2"), b"1,2\n7,8\n", [[1, 2], [7, 8]]),
        (("2019", "b"), b"b,2019,2020\n1,2,3\n", [[2, 1]]),
    ],
)
def test_table_names_that_are_numbers(
    columns: tuple[str, ...], content: bytes, rows: list[list[float]]
) -> None:
    assert read_alike(content, replace(FORM, columns=columns))[0] == rows


def test_table_error_in_a_later_part() -> None:
    """A bad row is counted in the file; of a damaged part no row is read, of those before all."""
    lines = [b"1,2,3\n"] * 25_000
    lines[20_004] = b"1,2,x\n"
    rows, errors = read_alike(HEADER + b"".join(lines))
    assert len(rows) == 24_999
    assert [str(error[0]) for error in errors] == [
        "x, row 20,005, column 'c': expected a number, got 'x'."
    ]
    lines[20_004] = b"1,2,3,4\n"
    rows, errors = read_alike(HEADER + b"".join(lines))
    assert len(rows) == 20_001
    assert str(errors[0][0]) == "x, row 20,005: expected 3 cells, got more."


def test_table_unused_columns(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        read_alike(b"a,b,c,d,e,y\n1,2,3,4,5,6\n")
    assert caplog.messages == ["x: the model does not use 'd' and 'e'."]
    assert capsys.readouterr().err.endswith(f": warning: {caplog.messages[0]}\n")


CELLS = ("1", "-2.5", " 3", "4 ", "", "NA", "x", '"5"', '"', "1e400", "True", "u", "v", "é")


@pytest.mark.parametrize("form", [FORM, GAPS, COLOURS], ids=["numbers", "gaps", "texts"])
def test_table_random(form: TableForm) -> None:
    """Tables of odd cells are read alike, or refused alike."""
    rng = random.Random(0)  # noqa: S311 - not for a secret
    form = replace(form, means=tuple(0.5 for _ in form.inputs) if form.means else ())
    for _ in range(300):
        weights = [20, 5, 2, 2, *[rng.choice([0, 0, 1])] * (len(CELLS) - 4)]
        lines = [
            ",".join(rng.choices(CELLS, weights, k=rng.choice([3, 3, 3, 3, 2, 4])))
            for _ in range(4)
        ]
        read_alike("\n".join(["a,b,c", *lines]).encode(), form)


def table_of(lines: Sequence[str]) -> bytes:
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "lines",
    [
        ["1,2,3", "", "4,5,6"],
        ["label,a,b,c", "x,1,2,3"],
        ["a,b", "1,2"],
        ["1,2,3", "1,2"],
        ["1,2,x"],
        ["1,2,1_0"],
        ["1,2,1e50"],
        ["1,2,nan"],
        ["a,b,c"],
        [""],
        ['1,"2,3'],
        ["1" * 1_000_001],
    ],
)
def test_csv_rows(lines: list[str]) -> None:
    """Rows without names of columns, as in an .npz file, are read and refused as by zoo."""
    source = replace(SOURCES["mnist"], shape=(1, 3), highest=0)
    content = table_of(lines)
    expected = rows_or_error(lambda: csv_rows.rows_in(io.BytesIO(content), source, where="x"))
    found = rows_or_error(lambda: bundle_rows.rows_in(io.BytesIO(content), 3, "x"))
    assert found == expected


NUMBERED = replace(FORM, columns=("1", "2", "3"))  # a model of a table without a header
YEARS = replace(FORM, columns=("2012", "2013", "2014"))


@pytest.mark.parametrize(
    ("form", "content", "rows"),
    [
        (NUMBERED, b"1,2,3\n5,6,7\n", [[5, 6, 7]]),
        (NUMBERED, b"3,1,2,y\n5,6,7,8\n", [[6, 7, 5]]),
        (NUMBERED, b"3,1,2\n5,6,7\n", [[3, 1, 2], [5, 6, 7]]),
        (NUMBERED, b"5,6,7\r3,2,1\r", [[5, 6, 7], [3, 2, 1]]),
        (YEARS, b"2014,2013,2012\n5,6,7\n", [[7, 6, 5]]),
        (YEARS, b"1,2,3\n5,6,7\n", [[1, 2, 3], [5, 6, 7]]),
        (replace(FORM, columns=("0", "1", "2")), b"0,1,2,y\n5,6,7,8\n", [[5, 6, 7]]),
    ],
)
def test_first_lines_of_numbers(form: TableForm, content: bytes, rows: list[list[float]]) -> None:
    """They are a header or a row to both, whatever ends a line."""
    assert read_alike(content, form) == (rows, [])
