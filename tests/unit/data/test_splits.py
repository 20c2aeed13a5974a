"""Training, validation and test splits."""

from dataclasses import replace
from itertools import chain

import numpy as np
import numpy.typing as npt
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


def labelled(
    counts: tuple[int, ...], groups: npt.NDArray[np.int32] | None = None
) -> tuple[Dataset, npt.NDArray[np.uint8]]:
    """Return a dataset with this number of rows of each class, mixed, and its labels."""
    labels = np.random.RandomState(1).permutation(np.repeat(np.arange(len(counts)), counts))
    labels = labels.astype(np.uint8)
    data = dataset(len(labels))
    pool = LabeledImages(data.train.images, labels)
    return replace(data, train=pool, groups=groups, classes=len(counts)), labels


COUNTS = [(50, 50, 50), (500, 300, 10, 3), (900, *[11] * 9), (100, *[1] * 100), (7, 2)]


@pytest.mark.parametrize("counts", COUNTS)
def test_stratified_shares(counts: tuple[int, ...]) -> None:
    """Each split has its share of each class to within a row."""
    data, labels = labelled(counts)
    test, validation = len(labels) // 5, len(labels) // 7
    splits = split(data, seed=3, test=test, validation=validation, stratify=True)
    parts = {"test": rows(splits.test), "validation": rows(splits.validation)}
    parts["train"] = rows(splits.train)
    assert [len(part) for part in parts.values()] == [test, validation, len(splits.train)]
    for part in parts.values():
        found = np.bincount(labels[part], minlength=len(counts))
        assert (np.abs(found - np.array(counts) * len(part) / len(labels)) <= 1 + 1e-9).all()
    assert sorted(chain.from_iterable(parts.values())) == list(range(len(labels)))


@pytest.mark.parametrize("counts", COUNTS[:3])
def test_stratified_shares_are_scikit_learns(counts: tuple[int, ...]) -> None:
    """scikit-learn's stratified test split has the same counts to within a row."""
    from sklearn.model_selection import train_test_split

    data, labels = labelled(counts)
    test = len(labels) // 5
    ours = rows(split(data, seed=0, test=test, stratify=True).test)
    _, theirs = train_test_split(labels, test_size=test, stratify=labels, random_state=0)
    found, expected = (np.bincount(part, minlength=len(counts)) for part in (labels[ours], theirs))
    assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("stratify", [False, True])
def test_folds_partition_all_rows(counts: tuple[int, ...], *, stratify: bool) -> None:
    """Each row is tested in exactly one fold, and trained on in the others."""
    data, labels = labelled(counts)
    folds = [split(data, seed=0, fold=(part, 5), stratify=stratify) for part in range(5)]
    assert sorted(chain.from_iterable(rows(fold.test) for fold in folds)) == list(
        range(len(labels))
    )
    for fold in folds:
        assert sorted(rows(fold.test) + rows(fold.train)) == list(range(len(labels)))
        if stratify:
            found = np.bincount(labels[rows(fold.test)], minlength=len(counts))
            assert (np.abs(found - np.array(counts) / 5) <= 1).all()


def groups_of(sizes: tuple[int, ...]) -> npt.NDArray[np.int32]:
    groups = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return np.random.RandomState(2).permutation(groups)


@pytest.mark.parametrize("sizes", [(3,) * 40, (30, 1, 9, 20, 5, 5, 30, 20), tuple(range(1, 16))])
def test_groups_are_never_divided(sizes: tuple[int, ...]) -> None:
    """No group has rows in two splits, and folds test each group once."""
    groups = groups_of(sizes)
    data, _ = labelled((sum(sizes),), groups)
    splits = [
        split(data, seed=1, test=len(groups) // 4, validation=len(groups) // 4),
        *(split(data, seed=1, fold=(part, 4)) for part in range(4)),
    ]
    for found in splits:
        parts = [found.train, found.test, *([found.validation] if found.validation else [])]
        in_parts = [set(groups[rows(part)]) for part in parts]
        assert sum(map(len, in_parts)) == len(sizes)
    tested = chain.from_iterable(rows(found.test) for found in splits[1:])
    assert sorted(tested) == list(range(len(groups)))


def test_large_groups_are_not_tested_first() -> None:
    """A group of half of the rows is in a test split of half of the rows in half of the seeds."""
    data, _ = labelled((40,), groups_of((20, *[1] * 20)))
    assert data.groups is not None
    found = [data.groups[rows(split(data, seed=seed, test=20).test)] for seed in range(100)]
    assert 30 < sum(0 in groups for groups in found) < 70


def test_groups_that_leave_no_rows() -> None:
    data, _ = labelled((10,), np.zeros(10, np.int32))
    with pytest.raises(ConfigError, match="The groups are too large: no row is left for"):
        split(data, seed=0, test=3)


def test_more_folds_than_rows() -> None:
    data, _ = labelled((10,))
    with pytest.raises(ConfigError, match="0 rows for testing"):
        split(data, seed=0, fold=(0, 11))


def test_rows_that_are_marked_for_validation() -> None:
    """These are the validation split, whatever the seed."""
    data = replace(dataset(6, numbered(2)), validation=np.arange(6) % 3 == 1)
    for seed in range(3):
        splits = split(data, seed=seed)
        assert sorted(rows(splits.validation)) == [1, 4]
        assert sorted(rows(splits.train)) == [0, 2, 3, 5]
        assert rows(splits.test) == [0, 1]


def test_split_record_of_a_stratified_split() -> None:
    """The record has the seed, the sizes and a digest that another seed changes."""
    data, _ = labelled((50, 50))
    records = [split(data, seed=seed, test=20, stratify=True).record() for seed in (4, 4, 5)]
    assert records[0] == records[1]
    assert {**records[2], "seed": 4, "rows": ""} == {**records[0], "rows": ""}
    assert records[0]["rows"] != records[2]["rows"]
