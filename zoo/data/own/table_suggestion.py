"""The settings of an entry that follow from a look at a table: label, columns, categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.data.own.columns import Column, find_delimiter, read_columns
from zoo.data.own.parquet import is_parquet, other_columns
from zoo.data.own.split_names import split_named
from zoo.data.own.suggestion import Suggestion
from zoo.data.own.table_names import LABELS
from zoo.errors import DataError
from zoo.formatting import count, listed, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHOWN = 3  # columns in a hint
MANY_COLUMNS = 50  # more are not listed if all are inputs


def suggest_table(path: Path, label: str | None) -> Suggestion:
    """Return the settings for a table in a CSV or Parquet file."""
    delimiter = "," if is_parquet(path) else find_delimiter(path)
    columns = read_columns(path, delimiter)
    if len(columns) == 1:
        raise DataError(
            f"{path} has one column; expected a label and columns of numbers.",
            hint="" if is_parquet(path) else "Divide the columns by commas, semicolons, tabs or |.",
        )
    label_column = _label(columns, label, path)
    others = [column for column in columns if column is not label_column]
    split = next((column for column in others if _is_split(column)), None)
    others = [column for column in others if column is not split]
    inputs = [column for column in others if not column.unused]
    if not inputs:
        raise DataError(
            f"{path} has no column of use besides the label {label_column.name!r}.",
            hint=" ".join(f"{column.name!r}: {column.unused}." for column in others[:SHOWN]),
        )
    data: dict[str, Any] = {"kind": "csv", "file": str(path), "label": label_column.name}
    comments = {"label": _label_comment(columns, label_column, label)}
    if delimiter != ",":
        data["delimiter"] = delimiter
    if len(inputs) < len(others) or len(inputs) <= MANY_COLUMNS:
        data["columns"] = [column.name for column in inputs]
        comments["columns"] = "the inputs, found by their names"
        comments |= {f"columns.{column.name}": _range(column) for column in inputs}
    if categories := [column for column in inputs if not column.is_number]:
        data["categories"] = [column.name for column in categories]
        comments["categories"] = "columns of texts: each text becomes an input"
    if gaps := [column for column in inputs if column.missing]:
        data["missing"] = "mean"
        what = "the column's mean" if gaps[0].is_number else "no category"
        if len({column.is_number for column in gaps}) > 1:
            what = "the mean of numbers, no category of texts"
        comments["missing"] = f"{what}, for {_gaps(gaps)}"
    if split:
        data["split"] = {"column": split.name}
        comments["split.column"] = "it says which rows are for training, and which for the test"
    left_out = {column.name: column.unused for column in others if column.unused}
    if is_parquet(path):
        kinds = other_columns(path)
        left_out |= {name: f"its values are of the type {kinds[name]:.40}" for name in kinds}
    warnings = [
        f"{name!r} is left out of the inputs: {reason}." for name, reason in left_out.items()
    ]
    return Suggestion(data, label_column.rows, comments, tuple(warnings))


def _label(columns: Sequence[Column], label: str | None, path: Path) -> Column:
    """Return the column of labels: the one asked for, one with a usual name, or the last."""
    by_name = {column.name: column for column in columns}
    if label is None:
        by_lower = {column.name.lower(): column for column in reversed(columns)}
        usual = (by_lower[name] for name in LABELS if name in by_lower)
        return next(usual, columns[-1])
    if label in by_name:
        return by_name[label]
    if label.isdecimal() and 1 <= int(label) <= len(columns):
        return columns[int(label) - 1]
    raise DataError(f"{path} has no column {label!r}.", hint=f"Its columns are {listed(by_name)}.")


def _label_comment(columns: Sequence[Column], chosen: Column, label: str | None) -> str:
    is_guess = label is None and chosen.name.lower() not in LABELS
    return "the last column; --label names another" if is_guess and chosen is columns[-1] else ""


def _is_split(column: Column) -> bool:
    splits = {split_named(text) for text in column.texts}
    return not column.missing and len(splits) > 1 and "train" in splits and None not in splits


def _range(column: Column) -> str:
    if column.is_number:
        return f"{number(column.low)} to {number(column.high)}"
    return listed(sorted(column.texts), most=5)


def _gaps(columns: Sequence[Column]) -> str:
    values = count(sum(column.missing for column in columns), "missing value")
    return f"{values} in {listed((column.name for column in columns), most=5)}"
