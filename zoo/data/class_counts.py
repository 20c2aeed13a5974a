"""The rows of each class in each split."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.data.splits import Splits, Subset


@dataclass(frozen=True)
class ClassCount:
    """The rows of a class in each split, and its share of all of them."""

    name: str
    train: int
    validation: int
    test: int
    share: float

    @property
    def rows(self) -> int:
        """The rows in all splits."""
        return self.train + self.validation + self.test


def class_counts(names: Sequence[str], splits: Splits) -> tuple[ClassCount, ...]:
    """Return the rows of the classes with these names."""
    parts = (splits.train, splits.validation, splits.test)
    counts = np.stack([_counts(part, len(names)) for part in parts])
    shares = counts.sum(axis=0) / counts.sum()
    return tuple(
        ClassCount(name, train, validation, test, share)
        for name, (train, validation, test), share in zip(
            names, counts.T.tolist(), shares.tolist(), strict=True
        )
    )


def _counts(subset: Subset | None, classes: int) -> npt.NDArray[np.intp]:
    if subset is None:
        return np.zeros(classes, np.intp)
    return np.bincount(subset.labels[subset.rows], minlength=classes)
