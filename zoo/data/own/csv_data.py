"""Rows of tables: the columns that an entry names, as numbers."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zoo.config.own_data import CsvData
from zoo.data.own.found import Found, Numbers, Rows
from zoo.data.own.labels import classes_of, numbers_of
from zoo.data.own.table import Columns, Table, Texts, header, read_table
from zoo.errors import DataError
from zoo.formatting import listed

PARTS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}


def find(data: CsvData) -> Found:
    """Return the facts about the files of an entry, and their rows."""
    file = Path(data.file)
    names = header(file, data.delimiter)
    label = _column(data.label, names, file)
    special = [name for name in (data.split.group, data.split.column) if name]
    columns = data.columns or tuple(name for name in names if name not in {label, *special})
    if not columns:
        raise DataError(f"{file} has one column; expected a label and columns of numbers.")
    if unknown := sorted(data.categories.keys() - set(columns)):
        raise DataError(f"{file} has no column {unknown[0]!r} for data.categories.")
    table = _read(data, file, columns, (label, *special))
    categories = {
        name: data.categories[name] or _categories(table.texts[name], name, file)
        for name in data.categories
    }
    classes = data.classes or classes_of(table.texts[label], where=f"{file}, column {label!r}")
    parts = _parts(table.texts[data.split.column], file) if data.split.column else None
    rows = _rows(table, label, categories, classes, where=str(file))
    train, test, validation = rows, None, None
    if parts is not None:
        is_test = parts == "test"
        train, test = _chosen(rows, ~is_test), _chosen(rows, is_test) if is_test.any() else None
        validation = parts[~is_test] == "validation"
        if test and (only := sorted(set(test.labels) - set(train.labels))):
            raise DataError(
                f"{file}: only rows for testing have the class {classes[only[0]]!r}.",
                hint="Put some of its rows into the training split.",
            )
    if data.test_file:
        test_file = Path(data.test_file)
        test_table = _read(data, test_file, columns, (label,))
        test = _rows(test_table, label, categories, classes, where=str(test_file))
    groups = table.texts[data.split.group].codes if data.split.group else None
    return Found(
        {
            "rows": len(train.values),
            "test_rows": len(test.values) if test else 0,
            "classes": classes,
            "columns": columns,
            "categories": categories,
        },
        train,
        test,
        groups,
        validation,
    )


def _column(label: str | int, names: Sequence[str], file: Path) -> str:
    """Return the name of the column of labels, which an entry may give by its number from 1."""
    if isinstance(label, str):
        return label
    if label > len(names):
        raise DataError(f"{file} has {len(names):,} columns; data.label is column {label:,}.")
    return names[label - 1]


def _read(data: CsvData, file: Path, columns: Sequence[str], others: Sequence[str]) -> Table:
    try:
        stamp = file.stat()
    except OSError as error:
        raise DataError(f"{file} could not be read: {error.strerror}.") from None
    return _read_once(
        _Request(
            file,
            (stamp.st_size, stamp.st_mtime_ns),
            data.delimiter,
            Columns(tuple(columns), frozenset(data.categories), tuple(others)),
            data.missing == "mean",
        )
    )


class _Request(NamedTuple):
    """What is read from a file; equal ones have equal results."""

    file: Path
    stamp: tuple[int, int]
    delimiter: str
    columns: Columns
    may_be_missing: bool


@lru_cache(maxsize=2)  # an entry is completed from its files, and then they are loaded
def _read_once(request: _Request) -> Table:
    table = read_table(
        request.file,
        delimiter=request.delimiter,
        columns=request.columns,
        may_be_missing=request.may_be_missing,
    )
    table.numbers.flags.writeable = False
    return table


def _categories(texts: Texts, name: str, file: Path) -> tuple[str, ...]:
    found = tuple(sorted(set(texts.known) - {""}))
    if not found:
        raise DataError(f"{file}, column {name!r} is empty.")
    return found


def _parts(texts: Texts, file: Path) -> npt.NDArray[np.str_]:
    """Return the split of each row."""
    part_of = {word: part for part, words in PARTS.items() for word in words}
    parts = [part_of.get(text.lower()) for text in texts.known]
    if None in parts:
        unknown = list(texts.known)[parts.index(None)]
        raise DataError(f"{file}: {unknown!r} in the column of splits; expected {listed(PARTS)}.")
    return np.array(parts)[texts.codes]


def _rows(
    table: Table,
    label: str,
    categories: Mapping[str, Sequence[str]],
    classes: Sequence[str],
    *,
    where: str,
) -> Rows:
    labels = numbers_of(table.texts[label], classes, where=where)
    return Rows(encoded(table, categories, where=where), labels)


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
        codes = _category_codes(
            table.texts[name], categories[name], name, before=table.before, where=where
        )
        known = np.flatnonzero(codes >= 0)
        values[known, place + codes[known]] = 1
        place += len(categories[name])
    return values


def _category_codes(
    texts: Texts, known: Sequence[str], name: str, *, before: int, where: str
) -> Numbers:
    """Return the number of the category of each row; -1 where it is missing."""
    codes = texts.ordered(known)
    if unknown := [text for text in texts.known if text and text not in known]:
        row = int((texts.codes == texts.known[unknown[0]]).argmax())
        raise DataError(
            f"{where}, row {before + row + 1:,}, column {name!r}: {unknown[0]!r} is none of its "
            "categories.",
            hint=f"They are {listed(known)}.",
        )
    return codes


def _chosen(rows: Rows, chosen: npt.NDArray[np.bool_]) -> Rows:
    return Rows(rows.values[chosen], rows.labels[chosen])
