"""Training, validation and test splits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Dataset, LabeledImages, Values
from zoo.errors import ConfigError

Rows = npt.NDArray[np.intp]
Labels = npt.NDArray[np.integer[Any]]
Counts = npt.NDArray[np.intp]  # by class
PURPOSES = ("testing", "validation", "training")


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
    dataset: Dataset,
    *,
    seed: int,
    train: int | None = None,
    validation: int = 0,
    test: int = 0,
    stratify: bool = False,
    fold: tuple[int, int] | None = None,
) -> Splits:
    """Split one permutation into the first `test`, the next `validation` and `train` rows.

    If the dataset has a test set, that is the test split, unchanged; rows that it marks are the
    validation split. With `stratify`, each split has the classes in the same shares. `fold` (1, 5)
    is the second of five parts as the test split. Rows of one group stay together, so that the
    sizes are those asked for to within a group.
    """
    pool = dataset.train
    if pool.labels is None:
        raise ConfigError(f"{dataset.name} cannot be trained on: it has no labels.")
    if not 0 <= seed < 2**32:
        raise ConfigError(f"Invalid seed; expected 0 to {2**32 - 1}, got {seed}.")
    own_test = all_rows(dataset.test)
    if own_test and (test or fold):
        raise ConfigError(
            f"{dataset.name} has its own test set of {len(own_test):,} rows; "
            f"{test:,} more cannot be split off."
        )
    marked = dataset.validation
    if marked is not None and marked.any():
        validation = int(marked.sum())
    if fold:
        first, end = _fold_bounds(len(pool), *fold)
        test = end - first
    available = len(pool) - test - validation
    train_rows = available if train is None else train
    if min(test - bool(fold), validation, train_rows - 1, available - train_rows) < 0:
        raise ConfigError(
            f"The split does not fit: {test:,} rows for testing, {validation:,} for validation "
            f"and {'at least 1' if train is None else f'{train:,}'} for training, "
            f"but {dataset.name} has {len(pool):,}.",
        )
    # NumPy guarantees the stream of RandomState; the stream of Generator may change.
    order = np.random.RandomState(seed).permutation(len(pool))
    if marked is not None:
        order = np.concatenate([order[marked[order]], order[~marked[order]]])
    sizes = [test, validation, *([] if train is None else [train])]  # the rest is for training
    if fold:
        rows = _fold_parts(order, dataset, fold, sizes, stratify=stratify)
    else:
        rows = _parts(order, dataset, sizes, stratify=stratify)
    _check_not_empty(rows, [test, validation, train_rows])
    test_split, validation_split, train_split = (
        Subset(pool.images, pool.labels, found) if len(found) else None for found in rows[:3]
    )
    assert train_split  # noqa: S101 - it has rows
    return Splits(seed, train_split, validation_split, own_test or test_split)


def _fold_bounds(rows: int, part: int, parts: int) -> tuple[int, int]:
    """Return the first row of a part, whose number counts from 0, and the first after it."""
    return part * rows // parts, (part + 1) * rows // parts


def _fold_parts(
    order: Rows, dataset: Dataset, fold: tuple[int, int], sizes: Sequence[int], *, stratify: bool
) -> list[Rows]:
    """Return one of several parts of the rows, and parts of the others."""
    place, number = fold
    bounds = [_fold_bounds(len(order), part, number) for part in range(number)]
    folds = _parts(order, dataset, [end - first for first, end in bounds], stratify=stratify)
    others = np.concatenate([*folds[place + 1 :], *folds[:place]])
    return [folds[place], *_parts(others, dataset, sizes[1:], stratify=stratify)]


def _parts(order: Rows, dataset: Dataset, sizes: Sequence[int], *, stratify: bool) -> list[Rows]:
    """Return the rows in parts of these sizes, and the rows that are left."""
    ends = np.cumsum(sizes)
    if stratify and dataset.train.labels is not None:
        order = _in_shares(order, dataset.train.labels, sizes)
    if dataset.groups is not None:
        order = _gathered(order, dataset.groups)
        ends = _between_groups(ends, dataset.groups[order])
    return np.split(order, ends)


def _check_not_empty(parts: Sequence[Rows], sizes: Sequence[int]) -> None:
    for part, size, purpose in zip(parts, sizes, PURPOSES, strict=False):
        if size and not len(part):
            raise ConfigError(f"The groups are too large: no row is left for {purpose}.")


def _in_shares(order: Rows, labels: Values, sizes: Sequence[int]) -> Rows:
    """Return the rows with the classes in the same shares in each of the parts of these sizes."""
    classes = labels[order]
    left = np.bincount(classes)
    counts = []  # of the rows of each class in each part
    for size in sizes:
        counts.append(_shared_out(size, left))
        left = left - counts[-1]
    numbers = np.tile(np.arange(len(sizes) + 1, dtype=np.min_scalar_type(len(sizes))), len(left))
    part_of = np.empty(len(order), numbers.dtype)
    part_of[np.argsort(classes, kind="stable")] = np.repeat(
        numbers, np.stack([*counts, left], axis=1).ravel()
    )
    return order[np.argsort(part_of, kind="stable")]


def _shared_out(size: int, among: Counts) -> Counts:
    """Return the parts of a number in proportion to these: rounded, with the same sum."""
    whole, remainders = np.divmod(among * size, max(int(among.sum()), 1))
    largest = np.argsort(-remainders, kind="stable")[: size - int(whole.sum())]
    whole[largest] += 1
    return whole


def _gathered(order: Rows, groups: Labels) -> Rows:
    """Return the rows with those of a group together.

    The groups are in the order of one row of each, so that large ones do not come first.
    """
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    places = np.full(len(groups), len(groups))
    places[order] = np.arange(len(order))
    return order[np.argsort(places[first[group_of[order]]], kind="stable")]


def _between_groups(boundaries: Rows, groups: Labels) -> Rows:
    """Return each boundary moved to the nearest place between two groups."""
    places = np.concatenate([[0], np.flatnonzero(np.diff(groups)) + 1, [len(groups)]])
    after = np.searchsorted(places, boundaries).clip(1, len(places) - 1)
    is_nearer = boundaries - places[after - 1] <= places[after] - boundaries
    nearest: Rows = places[after - is_nearer]
    return nearest


def all_rows(data: LabeledImages | None) -> Subset | None:
    """Return all rows, or None if there are no labels."""
    if data is None or data.labels is None:
        return None
    return Subset(data.images, data.labels, np.arange(len(data)))
