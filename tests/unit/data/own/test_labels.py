"""The classes of labels."""

import pytest

from zoo.data.own.labels import classes_of, numbers_of
from zoo.data.own.table import Texts
from zoo.errors import DataError


def texts(*labels: str) -> Texts:
    found = Texts()
    found.add(labels)
    return found


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (("10", "9", "-1", "2.5"), ("-1", "2.5", "9", "10")),
        (("1.0", "0", "1", "0.0"), ("0", "1")),
        (("1e0", "2"), ("1e0", "2")),
        (("9007199254740993", "9007199254740992"), ("9007199254740992", "9007199254740993")),
        (("1_0", "10"), ("1_0", "10")),
        (("b10", "b9", "a"), ("a", "b9", "b10")),
        (("True", "False"), ("False", "True")),
        (("NA", "nan", "x"), ("NA", "nan", "x")),
        (("x", "", "y"), ("x", "y")),
    ],
)
def test_classes_in_order(labels: tuple[str, ...], classes: tuple[str, ...]) -> None:
    """Numbers are in their order, and 1.0 is 1; texts are in natural order; "" is missing."""
    assert classes_of(texts(*labels), where="a.csv") == classes


def test_numbers_of_equal_numbers() -> None:
    """A test file that writes 1.0 has the class 1 of the training file; texts stay as they are."""
    assert numbers_of(texts("1.0", "2", "1"), ("1", "2"), where="a").tolist() == [0, 1, 0]
    with pytest.raises(DataError, match=r"a, row 1: '1\.0' is none of the classes"):
        numbers_of(texts("1.0"), ("1", "x"), where="a")


def test_numbers_of_places() -> None:
    """A label may be the number of its class, unless the labels are classes."""
    classes = ("cat", "dog")
    assert numbers_of(texts("1", "0"), classes, where="a", by_number=True).tolist() == [1, 0]
    assert numbers_of(texts("dog", "0"), classes, where="a", by_number=True).tolist() == [1, 0]
    shifted = ("1", "0")
    assert numbers_of(texts("1", "0"), shifted, where="a", by_number=True).tolist() == [0, 1]
    with pytest.raises(DataError, match="'2' is none of the classes"):
        numbers_of(texts("2"), classes, where="a", by_number=True)


@pytest.mark.parametrize(
    "labels", [[str(row) for row in range(100)], [str(row / 4) for row in range(20)] * 50]
)
def test_continuous_labels(labels: list[str]) -> None:
    """A quantity is not a class."""
    with pytest.raises(DataError, match="to predict a quantity is regression"):
        classes_of(texts(*labels), where="a.csv, column 'price'")


def test_labels_of_few_numbers() -> None:
    """Grades and many classes of many rows are classes."""
    assert len(classes_of(texts(*[str(row % 30) for row in range(3000)]), where="a")) == 30
    assert classes_of(texts("1.5", "2", "1.5"), where="a") == ("1.5", "2")


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        (("x", "x"), "all rows have the label 'x'; expected two classes"),
        (("", ""), "no row has a label"),
        (("x", "y" * 41), "expected at most 40 printable characters"),
        (("x", "y\nz"), r"'y\nz' is not the name of a class"),
    ],
)
def test_labels_that_are_no_classes(labels: tuple[str, ...], problem: str) -> None:
    with pytest.raises(DataError) as caught:
        classes_of(texts(*labels), where="a.csv")
    assert problem in str(caught.value)


def test_label_is_missing() -> None:
    with pytest.raises(DataError, match=r"a, row 2: the label is missing\."):
        numbers_of(texts("x", "", "y"), ("x", "y"), where="a")


def test_classes_of_no_labels() -> None:
    with pytest.raises(DataError, match=r"a\.csv: no row has a label\."):
        classes_of(texts("", ""), where="a.csv")
