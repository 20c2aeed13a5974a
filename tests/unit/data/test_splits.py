"""Training, validation and test splits."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.data.dataset import Dataset, LabeledImages
from zoo.data.digits import load_digits
from zoo.data.splits import Subset, split
from zoo.errors import ConfigError


def numbered(count: int) -> LabeledImages:
    return LabeledImages(np.zeros((count, 4), np.uint8), np.zeros(count, np.uint8))


def dataset(train: int, test: LabeledImages | None = None) -> Dataset:
    return Dataset("made up", (2, 2), 10, numbered(train), test, "a test", "0")


def rows(subset: Subset | None) -> list[int]:
    assert subset is not None
    return [int(row) for row in subset.rows]


def test_split_of_digits() -> None:
    """The first and last rows are those of scikit-learn's train_test_split; see tests/interop."""
    splits = split(load_digits(), seed=42, test=360)
    train, test = rows(splits.train), rows(splits.test)
    assert (len(train), len(test), splits.validation) == (1437, 360, None)
    assert (train[:4], train[-4:]) == ([1734, 855, 1642, 175], [1294, 860, 1459, 1126])
    assert (test[:4], test[-4:]) == ([1245, 220, 1518, 438], [1630, 1037, 965, 1461])
    assert sorted(train + test) == list(range(1797))


def test_split_order() -> None:
    # RandomState(0).permutation(10) is 2 8 4 9 1 6 7 3 0 5 with every version of NumPy.
    splits = split(dataset(10), seed=0, test=2, validation=3, train=4)
    assert rows(splits.test) == [2, 8]
    assert rows(splits.validation) == [4, 9, 1]
    assert rows(splits.train) == [6, 7, 3, 0]
    assert len(splits.train) == 4


def test_split_rest_is_train() -> None:
    splits = split(dataset(10), seed=0)
    assert rows(splits.train) == [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]
    assert splits.validation is splits.test is None


def test_split_with_a_test_pool() -> None:
    data = dataset(10, numbered(3))
    splits = split(data, seed=0, validation=5)
    assert rows(splits.test) == [0, 1, 2]
    assert data.test is not None
    assert splits.test is not None
    assert splits.test.images is data.test.images
    assert splits.train.images is data.train.images


def test_split_test_pool_without_labels() -> None:
    data = dataset(10, replace(numbered(3), labels=None))
    assert split(data, seed=0).test is None
    assert rows(split(data, seed=0, test=2).test) == [2, 8]


def test_split_test_rows_beside_a_test_pool() -> None:
    with pytest.raises(ConfigError) as caught:
        split(dataset(10, numbered(3)), seed=0, test=2)
    assert str(caught.value) == (
        "made up has its own test set of 3 rows; 2 more cannot be split off."
    )


@pytest.mark.parametrize(
    ("train", "validation", "test", "expected"),
    [(8, 2, 1, "8"), (None, 5, 5, "at least 1"), (0, 0, 0, "0"), (5, -1, 0, "5"), (11, 0, 0, "11")],
)
def test_split_too_many_rows(train: int | None, validation: int, test: int, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        split(dataset(10), seed=0, train=train, validation=validation, test=test)
    assert str(caught.value) == (
        f"The split does not fit: {test} rows for testing, {validation} for validation and "
        f"{expected} for training, but made up has 10."
    )


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_split_seed_out_of_range(seed: int) -> None:
    with pytest.raises(ConfigError, match=f"expected 0 to 4294967295, got {seed}"):
        split(dataset(10), seed=seed)


def test_split_record() -> None:
    record = split(dataset(10), seed=0, test=2, validation=3).record()
    assert record == {"seed": 0, "train": 5, "validation": 3, "test": 2, "rows": record["rows"]}
    assert split(dataset(10), seed=0, test=2, validation=3).record() == record
    others = [
        split(dataset(10), seed=1, test=2, validation=3).record()["rows"],
        split(dataset(10), seed=0, test=3, validation=2).record()["rows"],
        split(dataset(10), seed=0, test=2, validation=3, train=4).record()["rows"],
    ]
    assert len({record["rows"], *others}) == 4
