"""Rows of tables: the columns that an entry names, as numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.own_data import CsvData
from zoo.data.dataset import LabeledRows
from zoo.data.own.file_content import FileContent, Integers
from zoo.data.own.labels import classes_of, numbers_of
from zoo.data.own.split_names import SPLITS, split_named
from zoo.data.own.table import Table, Texts, read_table
from zoo.data.own.table_chunks import header
from zoo.data.own.table_names import SHOWN, Columns
from zoo.errors import DataError
from zoo.formatting import listed


def find(data: CsvData) -> FileContent:
    """Return the facts about the files of an entry, and their rows."""
    file = Path(data.file)
    known = [*([data.label] if isinstance(data.label, str) else []), *_special(data), *data.columns]
    names = header(file, data.delimiter, known)
    found = find_in_table(data, names, lambda columns: _read(data, file, columns), where=str(file))
    if not data.test_file:
        return found
    test_file = Path(data.test_file)
    complete = data.model_copy(update=found.facts)
    test = _rows(
        _read(data, test_file, _columns(complete, complete.columns, (str(complete.label),))),
        complete,
        where=data.test_file,
    )
    return replace(found, facts=found.facts | {"test_rows": len(test.values)}, test=test)


def find_in_table(
    data: CsvData, names: Sequence[str], read: Callable[[Columns], Table], *, where: str
) -> FileContent:
    """Return the facts about a table with columns of these names, and its rows."""
    label = _column(data.label, names, where)
    special = _special(data)
    columns = data.columns or tuple(name for name in names if name not in {label, *special})
    if not columns:
        raise DataError(f"{where} has one column; expected a label and columns of numbers.")
    if label in columns:
        raise DataError(f"{where}: column {label!r} is the label, and in data.columns.")
    if unknown := sorted(data.categories.keys() - set(columns)):
        raise DataError(f"{where} has no column {unknown[0]!r} for data.categories.")
    table = read(_columns(data, columns, (label, *special)))
    categories = {
        name: data.categories[name] or _categories(table.texts[name], name, where)
        for name in data.categories
    }
    classes = data.classes or classes_of(table.texts[label], where=f"{where}, column {label!r}")
    facts: dict[str, Any] = {
        "label": label,
        "classes": classes,
        "columns": columns,
        "categories": categories,
    }
    rows = _rows(table, data.model_copy(update=facts), where=where)
    train, test, validation = rows, None, None
    if data.split.column:
        parts = _parts(table.texts[data.split.column], data.split.column, where)
        is_test = parts == "test"
        train, test = _chosen(rows, ~is_test), _chosen(rows, is_test) if is_test.any() else None
        validation = parts[~is_test] == "validation"
        if test:
            _check_trained(test, train, classes, where)
    group = data.split.group
    groups = _groups(table.texts[group], group, where) if group else None
    facts |= {"rows": len(train.values), "test_rows": len(test.values) if test else 0}
    return FileContent(facts, train, test, groups, validation)


def _check_trained(
    test: LabeledRows, train: LabeledRows, classes: Sequence[str], where: str
) -> None:
    """Raise if no row to train on has a class of the rows for testing."""
    if only := sorted(set(test.labels) - set(train.labels)):
        raise DataError(
            f"{where}: only rows for testing have the class {classes[only[0]]!r}.",
            hint="Put some of its rows into the training split.",
        )


def _special(data: CsvData) -> tuple[str, ...]:
    """Return the columns that say how to split."""
    return tuple(name for name in (data.split.group, data.split.column) if name)


def _columns(data: CsvData, columns: Sequence[str], others: Sequence[str]) -> Columns:
    return Columns(tuple(columns), frozenset(data.categories), tuple(others), data.split.group)


def _column(label: str | int, names: Sequence[str], where: str) -> str:
    """Return the name of the column of labels, which an entry may give by its number from 1."""
    if isinstance(label, str):
        return label
    if label > len(names):
        raise DataError(f"{where} has {len(names):,} columns; data.label is column {label:,}.")
    return names[label - 1]


def _read(data: CsvData, file: Path, columns: Columns) -> Table:
    return read_table(
        file,
        delimiter=data.delimiter,
        columns=columns,
        may_be_missing=data.missing == "mean",
    )


def _categories(texts: Texts, name: str, where: str) -> tuple[str, ...]:
    found = tuple(sorted(set(texts.known) - {""}))
    if not found:
        raise DataError(f"{where}, column {name!r} is empty.")
    return found


def _parts(texts: Texts, name: str, where: str) -> npt.NDArray[np.str_]:
    """Return the split of each row."""
    parts = [split_named(text) for text in texts.known]
    if None in parts:
        unknown = list(texts.known)[parts.index(None)]
        raise DataError(f"{where}, column {name!r}: {unknown!r}; expected {listed(SPLITS)}.")
    if "train" not in parts:
        raise DataError(f"{where}: no row in column {name!r} is for training.")
    return np.array(parts)[texts.codes]


def _groups(texts: Texts, name: str, where: str) -> Integers:
    """Return the number of the group of each row."""
    missing = texts.codes == texts.known.get("", -1)
    if missing.any():
        row = int(missing.argmax()) + 1
        raise DataError(f"{where}, row {row:,}, column {name!r}: the value is missing.")
    return texts.codes


def _rows(table: Table, data: CsvData, *, where: str) -> LabeledRows:
    labels = numbers_of(table.texts[str(data.label)], data.classes, where=where)
    return LabeledRows(encoded(table, data.categories, where=where), labels)


def encoded(
    table: Table, categories: Mapping[str, Sequence[str]], *, where: str
) -> npt.NDArray[np.float32]:
    """Return the numbers of a table, in which a column of texts has 0 or 1 for each category."""
    if not categories:
        return table.numbers
    width = sum(len(categories.get(name, ("",))) for name in table.columns)
    values = np.zeros((len(table), width), np.float32)
    place = 0
    for number, name in enumerate(table.columns):
        if name not in categories:
            values[:, place] = table.numbers[:, number]
            place += 1
            continue
        codes = _category_codes(table, name, categories[name], where=where)
        known = np.flatnonzero(codes >= 0)
        values[known, place + codes[known]] = 1
        place += len(categories[name])
    return values


def _category_codes(table: Table, name: str, known: Sequence[str], *, where: str) -> Integers:
    """Return the number of the category of each row; -1 where it is missing."""
    texts = table.texts[name]
    codes = texts.numbered({text: number for number, text in enumerate(known)})
    is_unknown = (codes < 0) & (texts.codes != texts.known.get("", -1))
    found = list(texts.known)
    table.errors.add(
        np.flatnonzero(is_unknown).tolist(),
        lambda row: DataError(
            f"{where}, row {table.before + row + 1:,}, column {name!r}: "
            f"{found[texts.codes[row]][:SHOWN]!r} is none of its categories.",
            hint=f"They are {listed(known)}.",
        ),
    )
    return codes


def _chosen(rows: LabeledRows, chosen: npt.NDArray[np.bool_]) -> LabeledRows:
    return LabeledRows(rows.values[chosen], rows.labels[chosen])
