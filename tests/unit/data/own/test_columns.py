"""Columns of a table that are no inputs, and why."""

from pathlib import Path

import pytest

from zoo.data.own.columns import Column, find_delimiter, read_columns


def column(folder: Path, values: list[str], delimiter: str = ",") -> Column:
    """Return the column v of a table with these values."""
    path = folder / "a.csv"
    path.write_text("\n".join([f"v{delimiter}y", *(f"{value}{delimiter}x" for value in values)]))
    return read_columns(path, find_delimiter(path))[0]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["", ""] * 20, "it is empty"),
        (["inf", "-inf"] * 20, "it has no finite number"),
        (["2024-01-05", "2024-2-6"] * 20, "its values are dates, such as '2024-01-05'"),
        (["5.1.2024", "31.12.24"] * 20, "its values are dates, such as '5.1.2024'"),
        (["2024-01-05 10:00", ""] * 20, "its values are dates, such as '2024-01-05 10:00'"),
        (["13,2", "4,5"] * 20, "it has numbers in another form, such as '13,2'; expected one"),
        (["1,234.50", "1,000"] * 20, "it has numbers in another form, such as '1,234.50'"),
        (["1%", "12.5 %"] * 20, "it has numbers in another form, such as '1%'"),
        (["$5", "$1.20"] * 20, "it has numbers in another form, such as '$5'"),
        ([f"name {row}" for row in range(40)], "all of its values are different"),
        (["1", "1"] * 20, "all of its values are the same"),
        ([f"name {row % 30}" for row in range(40)], "it has many different texts"),
    ],
)
def test_column_that_is_no_input(tmp_path: Path, values: list[str], reason: str) -> None:
    assert column(tmp_path, values, delimiter=";").unused.startswith(reason)


@pytest.mark.parametrize(
    "values", [["1.5", "2"], ["20-29", "30-39"], ["a1", "b2"], ["1", "no"], ["1/2", "3/4"]]
)
def test_column_that_is_an_input(tmp_path: Path, values: list[str]) -> None:
    assert column(tmp_path, values * 20).unused == ""
