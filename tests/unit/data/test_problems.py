"""What may spoil a training: columns and rows of which it is known what is wrong with them."""

import numpy as np
import pytest

from zoo.config.dataset_info import Source
from zoo.data.class_counts import ClassCount
from zoo.data.dataset import LabeledImages, Values
from zoo.data.own.ids import is_id
from zoo.data.problems import column_problems, split_problems
from zoo.data.splits import Splits, Subset
from zoo.data.table_columns import TableColumn, table_columns

LABELS = np.repeat([0, 1, 2], 20)
REPEATED = (
    "2 of the 3 rows of the test split are also in the training split, so its accuracy is too high."
)
SHUFFLED = np.random.default_rng(1).permutation(60)
NOISE = np.random.default_rng(0).integers(0, 9, 60)


def problems(column: Values) -> list[str]:
    """Return the problems of a table of one column, without the name of the column."""
    rows = column.astype(np.float32).reshape(-1, 1)
    source = Source("", "", 60, 0, (1, 1), 0, 3, "", "", "")
    pool = LabeledImages(rows, LABELS)
    return [text[4:18] for text in column_problems(table_columns(source, pool), pool)]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (NOISE, []),
        (np.where(LABELS == 1, np.nan, LABELS), []),
        (np.where(LABELS == 1, np.nan, 5), ["has one value "]),
        (np.full(60, 3), ["has one value "]),
        (np.random.default_rng(0).permutation(60), ["looks like an "]),
        (np.array([7, 3, 5])[LABELS], ["alone determin"]),
        (LABELS + NOISE / 10, ["alone determin"]),
        (LABELS + NOISE / 8, []),
        (LABELS + SHUFFLED / 70, ["alone determin"]),
    ],
)
def test_column_problems(column: Values, expected: list[str]) -> None:
    """A constant column, an id, and a column whose values or ranges each have one class."""
    assert problems(column) == expected


def test_leak_of_categories() -> None:
    """A text that occurs in one class only determines it."""
    flags = np.eye(3, dtype=np.float32)[LABELS]
    column = TableColumn("colour", 0, ("a", "b", "c"), missing=0)
    (problem,) = column_problems([column], LabeledImages(flags, LABELS))
    assert problem.startswith("'colour' alone determines the class.")
    assert not list(column_problems([column], LabeledImages(flags, NOISE % 3)))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a", np.arange(20)),
        ("a", np.arange(20)[::-1]),
        ("a", np.arange(20) ** 2 * 1000),
        ("customer_id", np.arange(20)[::-1] ** 2 * 1000),
    ],
)
def test_is_id(name: str, values: Values) -> None:
    """Different whole numbers that are sorted, close together, or called an id."""
    assert is_id(name, values)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(19),
        np.arange(20) + 0.5,
        np.append(np.arange(20), 0),
        np.arange(20)[::-1] ** 2 * 1000,
    ],
)
def test_is_no_id(values: Values) -> None:
    """Few numbers, fractions, equal numbers, and measurements."""
    assert not is_id("population", values)


def test_split_problems() -> None:
    """Two test rows are rows of the training split; one class is small, and never trained on."""
    rows = np.array([[1], [2], [3], [2], [2], [4]], np.float32)
    labels = np.zeros(6, np.intp)
    train, test = (Subset(rows, labels, np.arange(*ends)) for ends in ((0, 3), (3, 6)))
    classes = (ClassCount("a", 100, 0, 20, 0.98), ClassCount("b", 0, 0, 3, 0.02))
    assert list(split_problems(classes, Splits(0, train, None, test), "row")) == [
        "Fewer than 10 rows of a class say little about it: b (3).",
        "The training split has no row of b.",
        "The classes are unequal: a network that always answers a is right for 98%.",
        REPEATED,
    ]
