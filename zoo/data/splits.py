"""Training, validation and test splits."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Dataset, LabeledImages, Values
from zoo.errors import ConfigError

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Subset:
    """Some rows of a dataset, in the order of their indices; nothing is copied."""

    images: Values
    labels: Values
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Splits:
    """The subsets of a dataset, and the seed of the split."""

    seed: int
    train: Subset
    validation: Subset | None
    test: Subset | None

    def record(self) -> dict[str, int | str]:
        """Return what a run records: the seed, the sizes, and a SHA-256 of the row indices."""
        subsets = {"train": self.train, "validation": self.validation, "test": self.test}
        sizes = {name: len(subset) if subset else 0 for name, subset in subsets.items()}
        digest = hashlib.sha256()
        for subset in subsets.values():
            rows = subset.rows if subset else np.empty(0)
            digest.update(len(rows).to_bytes(8, "little") + rows.astype("<i8").tobytes())
        return {"seed": self.seed, **sizes, "rows": digest.hexdigest()}


def split(
    dataset: Dataset, *, seed: int, train: int | None = None, validation: int = 0, test: int = 0
) -> Splits:
    """Split one permutation into the first `test`, the next `validation` and `train` rows.

    If the dataset has a test set, that is the test split, unchanged.
    """
    pool = dataset.train
    if pool.labels is None:
        raise ConfigError(f"{dataset.name} cannot be trained on: it has no labels.")
    if not 0 <= seed < 2**32:
        raise ConfigError(f"Invalid seed; expected 0 to {2**32 - 1}, got {seed}.")
    own_test = all_rows(dataset.test)
    if own_test and test:
        raise ConfigError(
            f"{dataset.name} has its own test set of {len(own_test):,} rows; "
            f"{test:,} more cannot be split off."
        )
    available = len(pool) - test - validation
    train_rows = available if train is None else train
    if min(test, validation, train_rows - 1, available - train_rows) < 0:
        raise ConfigError(
            f"The split does not fit: {test:,} rows for testing, {validation:,} for validation "
            f"and {'at least 1' if train is None else f'{train:,}'} for training, "
            f"but {dataset.name} has {len(pool):,}.",
        )
    # NumPy guarantees the stream of RandomState; the stream of Generator may change.
    order = np.random.RandomState(seed).permutation(len(pool))
    boundaries = np.cumsum([test, validation, train_rows])
    test_indices, validation_indices, train_indices, _ = np.split(order, boundaries)
    return Splits(
        seed=seed,
        train=Subset(pool.images, pool.labels, train_indices),
        validation=Subset(pool.images, pool.labels, validation_indices) if validation else None,
        test=own_test or (Subset(pool.images, pool.labels, test_indices) if test else None),
    )


def all_rows(data: LabeledImages | None) -> Subset | None:
    """Return all rows, or None if there are no labels."""
    if data is None or data.labels is None:
        return None
    return Subset(data.images, data.labels, np.arange(len(data)))
