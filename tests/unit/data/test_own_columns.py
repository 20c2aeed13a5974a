"""The columns of a table that is looked at: their kinds, ranges and delimiters."""

from pathlib import Path

import pytest

from zoo.data.own import columns as module
from zoo.data.own import table_chunks
from zoo.data.own.columns import find_delimiter, read_columns


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_find_delimiter(tmp_path: Path, delimiter: str) -> None:
    """A comma in a cell does not divide a table of another delimiter."""
    path = tmp_path / "table.csv"
    path.write_text(delimiter.join(["a", '"b,c"', "d"]) + "\n" + delimiter.join("123") + "\n")
    assert find_delimiter(path) == delimiter


def test_read_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a column does not depend on the parts in which it is read."""
    monkeypatch.setattr(table_chunks, "CHUNK_ROWS", 7)
    path = tmp_path / "table.csv"
    rows = [
        f"{n},{n % 3 or 'NA'},{'abc'[n % 3]},x{n},{n / 4 if n else ''},{1 - n}" for n in range(40)
    ]
    path.write_text("\n".join(["n,gaps,letter,text,part,down", *rows]))
    found = {column.name: column for column in read_columns(path, ",")}
    assert {name: column.missing for name, column in found.items() if column.missing} == {
        "gaps": 14,
        "part": 1,
    }
    assert (found["gaps"].low, found["gaps"].high) == (1, 2)
    assert [name for name, column in found.items() if column.is_id] == ["n", "text", "down"]
    assert [name for name, column in found.items() if column.is_category] == ["letter"]
    assert list(found["letter"].texts) == ["a", "b", "c"]
    assert [name for name, column in found.items() if not column.is_number] == ["letter", "text"]


def test_read_columns_of_many_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of more texts than are kept is no category, and no id if one occurs twice."""
    monkeypatch.setattr(module, "MAX_DIFFERENT", 55)
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b", *(f"t{n},1" for n in range(60)), "t5,1", "t59,1"]))
    text = read_columns(path, ",")[0]
    assert not text.is_id
    assert text.unused == "it has many different texts"
