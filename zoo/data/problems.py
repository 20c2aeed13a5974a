"""What may spoil a training: ids, leaks, constant columns, small classes, rows of two splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.data.own.ids import is_id
from zoo.formatting import count, listed, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.data.class_counts import ClassCount
    from zoo.data.dataset import LabeledImages, Values
    from zoo.data.splits import Splits, Subset
    from zoo.data.table_columns import TableColumn

FEW = 10  # rows of a class
UNEQUAL = 10  # times as many rows as another class
LEAK_ROWS = 20  # of fewer, a column may separate the classes by chance
TRIED = 5_000  # rows on which most columns fail to separate the classes


def split_problems(classes: Sequence[ClassCount], splits: Splits, noun: str) -> Iterator[str]:
    """Yield sentences about small, missing and unequal classes, and rows in two splits."""
    if few := [f"{one.name} ({one.rows:,})" for one in classes if one.rows < FEW]:
        yield f"Fewer than {FEW} {noun}s of a class say little about it: {listed(few)}."
    if absent := [one.name for one in classes if not one.train]:
        yield f"The training split has no {noun} of {listed(absent)}."
    most, least = (pick(classes, key=lambda one: one.rows) for pick in (max, min))
    if most.rows >= UNEQUAL * least.rows:
        yield (
            f"The classes are unequal: a network that always answers {most.name} is right for "
            f"{percent(most.share)}."
        )
    for name, subset in (("validation", splits.validation), ("test", splits.test)):
        if subset and (repeated := _repeated(splits.train, subset)):
            yield (
                f"{repeated:,} of the {count(len(subset), noun)} of the {name} split are also in "
                "the training split, so its accuracy is too high."
            )


def _repeated(train: Subset, other: Subset) -> int:
    """Return the number of rows of a split that are equal to a row of the training split."""
    known = {hash(train.images[row].tobytes()) for row in train.rows}
    return sum(hash(other.images[row].tobytes()) in known for row in other.rows)


def column_problems(columns: Sequence[TableColumn], pool: LabeledImages) -> Iterator[str]:
    """Yield sentences about constant columns, ids, and columns that determine the label."""
    labels = pool.labels
    assert labels is not None  # noqa: S101 - its rows are in the training split
    for column in columns:
        values = column.values(pool.images)
        if _is_constant(column):
            yield f"{column.name!r} has one value in all rows, so it says nothing."
        elif not column.categories and is_id(column.name, values):
            yield (
                f"{column.name!r} looks like an id: all of its values are different. Leave it out "
                "of data.columns."
            )
        elif _determines(values, labels):
            yield (
                f"{column.name!r} alone determines the class. If it is not known before the "
                "class is, leave it out of data.columns."
            )


def _is_constant(column: TableColumn) -> bool:
    if column.categories:
        return len(column.categories) == 1 and not column.missing
    return column.low == column.high  # missing values get the mean


def _determines(values: Values, labels: Values) -> bool:
    """Whether each value has one class, and thresholds or a short list of values tell which."""
    step = len(values) // TRIED  # rows may be sorted by class, so the first ones would not do
    if step > 1 and not _determines(values[::step], labels[::step]):
        return False
    if len(values) < LEAK_ROWS or not np.isfinite(values).all():
        return False
    order = np.lexsort((labels, values))
    values, labels = values[order], labels[order]
    is_new = np.diff(values) != 0
    changes = np.diff(labels.astype(np.intp)) != 0
    if (changes & ~is_new).any():  # a value of two classes
        return False
    is_list = 2 * (is_new.sum() + 1) <= len(values)
    classes = len(np.unique(labels))
    return classes > 1 and bool(is_list or changes.sum() == classes - 1)
