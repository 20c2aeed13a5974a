"""Parquet files of pandas and of others, and what is wrong with them."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zoo.config.own_data import CsvData
from zoo.data.own import csv_data, parquet, unpacked_size
from zoo.data.own.columns import read_columns
from zoo.data.own.file_content import FileContent
from zoo.data.own.table_suggestion import suggest_table
from zoo.errors import CorruptFileError, DataError, ZooError

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

FRAME: dict[str, list[Any]] = {"u": [1.5, 2.5, 3.5], "v": [3, 4, 5], "y": ["x", "z", "x"]}


def found(path: Path, **keys: Any) -> FileContent:
    return csv_data.find(CsvData(kind="csv", file=str(path), label="y", **keys))


@pytest.mark.parametrize("index", ["", "u"])
def test_index_of_pandas(tmp_path: Path, index: str) -> None:
    """A column that is the index is a column, and an index without a name is none."""
    frame = pd.DataFrame(FRAME)
    frame = frame.set_index(index) if index else frame[frame.u > 2]
    frame.to_parquet(tmp_path / "a.parquet")
    result = found(tmp_path / "a.parquet")
    assert set(result.facts["columns"]) == {"u", "v"}
    assert result.facts["rows"] == len(frame)
    assert set(suggest_table(tmp_path / "a.parquet", "y").data["columns"]) <= {"u", "v"}


@pytest.mark.parametrize(
    "notes",
    [b"not json", b"{}", b"[]", b"[" * 100_000, json.dumps({"columns": [{"numpy_type": "evil"}]})],
)
def test_notes_of_pandas_do_not_count(tmp_path: Path, notes: bytes) -> None:
    """A file may have anything in them."""
    table = pa.table(FRAME).replace_schema_metadata({b"pandas": notes})
    pq.write_table(table, tmp_path / "a.parquet")
    np.testing.assert_array_equal(
        found(tmp_path / "a.parquet").train.values, [[1.5, 3], [2.5, 4], [3.5, 5]]
    )


OTHERS = {
    "list<element: int64>": [[1, 2]] * 3,
    "struct<a: int64>": [{"a": 1}] * 3,
    "fixed_size_binary[2]": pa.array([b"ab"] * 3, pa.binary(2)),
    "large_binary": pa.array([b"ab"] * 3, pa.large_binary()),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_columns_of_other_types(tmp_path: Path, kind: str) -> None:
    """They are named and not read, for a small file may repeat large values in them."""
    pq.write_table(pa.table(FRAME | {"l": OTHERS[kind]}), tmp_path / "a.parquet")
    message = re.escape(f"column 'l' has values of the type {kind}; expected numbers or texts.")
    with pytest.raises(DataError, match=message):
        found(tmp_path / "a.parquet")
    assert found(tmp_path / "a.parquet", columns=("u",)).facts["rows"] == 3
    suggestion = suggest_table(tmp_path / "a.parquet", "y")
    assert "l" not in suggestion.data["columns"]
    assert (
        f"'l' is left out of the inputs: its values are of the type {kind}." in suggestion.warnings
    )


def test_column_without_a_name(tmp_path: Path) -> None:
    """It is called by its number."""
    pq.write_table(pa.table(list(FRAME.values()), names=["u", "", "y"]), tmp_path / "a.parquet")
    assert found(tmp_path / "a.parquet").facts["columns"] == ("u", "2")


def test_date_that_is_none(tmp_path: Path) -> None:
    """A day beyond the last year is a value as any other date: no number."""
    days = pa.array([2**31 - 1] * 3, pa.int32()).cast(pa.date32())
    pq.write_table(pa.table(FRAME | {"d": days}), tmp_path / "a.parquet")
    with pytest.raises(ZooError, match=r"a\.parquet"):
        found(tmp_path / "a.parquet")
    suggestion = suggest_table(tmp_path / "a.parquet", "y")
    assert suggestion.warnings == (
        "'d' is left out of the inputs: all of its values are the same.",
    )


def test_whole_numbers_beside_missing_ones(tmp_path: Path) -> None:
    """Labels that differ in their last digit are other classes, also where a label is missing."""
    labels = [2**53, 2**53 + 1, 2**53]
    table = pa.table({"u": [1.0, 2.0, 3.0], "w": [1, None, 3], "y": labels})
    pq.write_table(table, tmp_path / "a.parquet")
    result = found(tmp_path / "a.parquet", missing="mean")
    assert result.facts["classes"] == (str(2**53), str(2**53 + 1))
    pq.write_table(
        pa.table({"u": [1.0, 2.0, 3.0], "y": [2**53, 2**53 + 1, None]}), tmp_path / "b.parquet"
    )
    with pytest.raises(DataError, match="row 3: the label is missing"):
        found(tmp_path / "b.parquet")


def test_file_that_unpacks_to_much_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that take hardly any place in a file are counted before they are read."""
    monkeypatch.setattr(unpacked_size, "FREE_BYTES", 1_000)
    rows = {"u": np.zeros(200_000), "y": np.arange(200_000) % 2}
    pq.write_table(pa.table(rows), tmp_path / "a.parquet", use_dictionary=True)
    monkeypatch.setattr(unpacked_size, "MAX_RATIO", 1)
    with pytest.raises(CorruptFileError, match="has 200,000 rows, more than its size allows"):
        found(tmp_path / "a.parquet")


def test_texts_that_are_stored_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that share a long text share its memory, and a text has a limit."""
    rows = {"u": np.arange(9.0), "c": ["z" * 90_000] * 9, "y": ["a", "b", "a"] * 3}
    pq.write_table(pa.table(rows), tmp_path / "a.parquet", use_dictionary=["c"])
    (column,) = (one for one in read_columns(tmp_path / "a.parquet", ",") if one.name == "c")
    assert list(column.texts) == ["z" * 90_000]
    monkeypatch.setattr(parquet, "MAX_TEXT", 1000)
    with pytest.raises(CorruptFileError, match="column 'c' has a text of more than 1,000 bytes"):
        suggest_table(tmp_path / "a.parquet", "y")


def test_footer_that_declares_too_much(tmp_path: Path) -> None:
    """Memory is not reserved for a footer that is longer than the file."""
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + bytes(90) + b"\xff\xff\xff\x7fPAR1")
    with pytest.raises(CorruptFileError, match="its footer has 2,147,483,647 bytes"):
        found(tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + bytes(90) + b"\x20\0\0\0PAR1")
    with pytest.raises(CorruptFileError, match=r"is not a Parquet file: [^\n]*\.$"):
        found(tmp_path / "a.parquet")
