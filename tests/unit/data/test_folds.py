"""Folds: each row is in the test split of one of them."""

import numpy as np
import numpy.typing as npt
import pytest

from zoo.data.dataset import Dataset, LabeledImages
from zoo.data.splits import split

ROWS, PARTS = 103, 5
RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, ROWS)
GROUPS = RNG.integers(0, 17, ROWS)


def dataset(groups: npt.NDArray[np.intp] | None = None) -> Dataset:
    rows = LabeledImages(np.zeros((ROWS, 2), np.float32), LABELS)
    return Dataset("made up", (1, 2), 3, rows, None, "a test", "0", groups=groups)


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["rows", "groups"])
@pytest.mark.parametrize("stratify", [False, True])
def test_folds_partition(groups: npt.NDArray[np.intp] | None, *, stratify: bool) -> None:
    """The test splits of all folds are all rows, each once, and no group is divided."""
    folds = [
        split(dataset(groups), seed=0, validation=10, stratify=stratify, fold=(part, PARTS))
        for part in range(PARTS)
    ]
    tested = np.concatenate([fold.test.rows for fold in folds if fold.test])
    assert sorted(tested) == list(range(ROWS))
    for fold in folds:
        parts = [part.rows for part in (fold.train, fold.validation, fold.test) if part]
        assert len(np.concatenate(parts)) == ROWS
        assert len(np.unique(np.concatenate(parts))) == ROWS
        if groups is not None:
            kept = [set(groups[rows]) for rows in parts]
            assert sum(map(len, kept)) == len(set.union(*kept))


def test_folds_stratified() -> None:
    """Each fold tests about as many rows of each class."""
    counts = [
        np.bincount(LABELS[fold.test.rows])
        for part in range(PARTS)
        if (fold := split(dataset(), seed=0, stratify=True, fold=(part, PARTS))).test
    ]
    spread = np.ptp(counts, axis=0)
    assert len(counts) == PARTS
    assert (spread <= 1).all(), counts
