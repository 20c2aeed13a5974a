"""Splits: which rows are trained on, which choose, and which are kept for the test."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Dataset, LabeledImages, Values
from zoo.errors import ConfigError

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Subset:
    """Some rows of a pool, in the order they are listed; nothing is copied."""

    images: Values
    labels: Values
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Splits:
    """The parts of a dataset, and the seed that drew them."""

    seed: int
    train: Subset
    validation: Subset | None
    test: Subset | None

    def record(self) -> dict[str, int | str]:
        """Return what a run keeps: the seed, the sizes, and a SHA-256 over which rows they are."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        sizes = {name: len(part) if part else 0 for name, part in parts.items()}
        digest = hashlib.sha256()
        for part in parts.values():
            rows = part.rows if part else np.empty(0)
            digest.update(len(rows).to_bytes(8, "little") + rows.astype("<i8").tobytes())
        return {"seed": self.seed, **sizes, "rows": digest.hexdigest()}


def split(
    dataset: Dataset, *, seed: int, train: int | None = None, validation: int = 0, test: int = 0
) -> Splits:
    """Return the first `test` rows of one permutation, the next `validation` and `train` ones.

    A test pool that the dataset brings along is the test split as it stands.
    """
    pool = dataset.train
    if pool.labels is None:
        raise ConfigError(f"{dataset.name} has no labels to train on.")
    if not 0 <= seed < 2**32:
        raise ConfigError(f"A seed lies between 0 and {2**32 - 1}, not at {seed}.")
    brought = all_rows(dataset.test)
    if brought and test:
        raise ConfigError(
            f"{dataset.name} has a test set of {len(brought):,} pictures of its own; "
            f"{test:,} more cannot be split off."
        )
    left = len(pool) - test - validation
    wanted = left if train is None else train
    if min(test, validation, wanted - 1, left - wanted) < 0:
        raise ConfigError(
            f"{dataset.name} has {len(pool):,} pictures to split; {test:,} for the test, "
            f"{validation:,} for validation and {'at least 1' if train is None else f'{train:,}'} "
            "for training were asked for.",
        )
    # NumPy has promised never to change the stream of RandomState; Generator's may change.
    order = np.random.RandomState(seed).permutation(len(pool))
    chosen, validating, training, _ = np.split(order, np.cumsum([test, validation, wanted]))
    return Splits(
        seed=seed,
        train=Subset(pool.images, pool.labels, training),
        validation=Subset(pool.images, pool.labels, validating) if validation else None,
        test=brought or (Subset(pool.images, pool.labels, chosen) if test else None),
    )


def all_rows(data: LabeledImages | None) -> Subset | None:
    """Return all rows of a pool with labels: without them nothing can be tested."""
    if data is None or data.labels is None:
        return None
    return Subset(data.images, data.labels, np.arange(len(data)))
