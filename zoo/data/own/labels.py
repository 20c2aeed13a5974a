"""The classes of labels, and labels that are no classes."""

import re
from collections.abc import Iterable, Sequence

from zoo.config.base import LABEL_LENGTH
from zoo.config.entry_paths import natural_sort_key
from zoo.data.own.file_content import Integers
from zoo.data.own.table import Texts
from zoo.data.own.table_names import is_number
from zoo.errors import DataError
from zoo.formatting import listed, number

MANY = 20  # different numbers, from which on they may be quantities
SHARE = 0.05  # different numbers of the rows, from which on they are
WHOLE = re.compile(r"[+-]?[0-9]{1,100}(\.0*)?")


def classes_of(texts: Texts, *, where: str, may_be_quantities: bool = True) -> tuple[str, ...]:
    """Return the classes of labels, in natural order; `where` names them in an error.

    Many different numbers in a table are quantities; whole ones of images or arrays are not.
    """
    names = sorted(set(texts.known) - {""}, key=natural_sort_key)
    values = [_number(name) for name in names]
    if None not in values:
        numbers = [value for value in values if value is not None]
        if may_be_quantities or any(value % 1 for value in numbers):
            _check_not_continuous(numbers, rows=len(texts.codes), where=where)
        by_number: dict[float, str] = {}
        for value, name in zip(numbers, names, strict=True):  # 1 and 1.0 are one class
            by_number[value] = min(by_number.get(value, name), name, key=len)
        names = [by_number[value] for value in sorted(by_number)]
    check_names(names, where=where)
    return tuple(names)


def check_names(names: Sequence[str], *, where: str) -> None:
    """Raise if these are not the names of at least two classes."""
    if not names:
        raise DataError(f"{where}: no row has a label.")
    if len(names) < 2:
        raise DataError(
            f"{where}: all rows have the label {listed(names)!r}; expected two classes."
        )
    for name in names:
        if len(name) > LABEL_LENGTH or not name.isprintable():
            shown = f"{name[:LABEL_LENGTH]}…" if len(name) > LABEL_LENGTH else name
            raise DataError(
                f"{where}: {shown!r} is not the name of a class: it has {len(name):,} characters; "
                f"expected at most {LABEL_LENGTH} printable characters."
            )


def numbers_of(
    texts: Texts, classes: Sequence[str], *, where: str, by_number: bool = False
) -> Integers:
    """Return the number of the class of each row; raise for a row of another class.

    If all classes are numbers, 1.0 is the class 1. With `by_number`, a label may also be the
    number of its class from 0.
    """
    number_of = {name: number for number, name in enumerate(classes)}
    if by_number and not number_of.keys() >= texts.known.keys():
        number_of = {str(number): number for number in range(len(classes))} | number_of
    by_value = {_number(name): number for name, number in number_of.items()}
    if None not in by_value:
        values = {text: _number(text) for text in texts.known}
        number_of |= {text: by_value[value] for text, value in values.items() if value in by_value}
    numbers = texts.numbered(number_of)
    if (numbers < 0).any():
        row = int((numbers < 0).argmax())
        label = list(texts.known)[texts.codes[row]]
        got = f"{label!r} is none of the classes" if label else "the label is missing"
        hint = (
            f"The classes are {listed(classes)}." if label else "Remove the rows without a label."
        )
        raise DataError(f"{where}, row {row + 1:,}: {got}.", hint=hint)
    return numbers


def _check_not_continuous(numbers: Iterable[float], *, rows: int, where: str) -> None:
    different = set(numbers)
    many = len(different) > MANY and len(different) > SHARE * rows
    if many or (len(different) > MANY / 2 and any(value % 1 for value in different)):
        raise DataError(
            f"{where} has {len(different):,} different numbers, from {number(min(different))} to "
            f"{number(max(different))}: to predict a quantity is regression, and zoo classifies.",
            hint="Choose another label, or replace the numbers by classes such as low and high; if "
            "they are classes, list them in the entry as data.classes.",
        )


def _number(text: str) -> float | int | None:
    """Return the number that a label is; a long whole number is exact, other than as a float."""
    if WHOLE.fullmatch(text):
        return int(text.partition(".")[0])
    return float(text) if is_number(text) else None
