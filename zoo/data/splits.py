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

    If the dataset has a test set, that is the test split, unchanged. With `stratify`, each split
    has the classes in the same shares. With `fold` (1, 5), the second of five parts is for testing.
    Rows of one group stay together, so that the sizes are those asked for to within a group.
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
    first, end = _fold_bounds(fold, len(pool)) if fold else (0, test)
    available = len(pool) - (end - first) - validation
    train_rows = available if train is None else train
    if min(test, validation, train_rows - 1, available - train_rows) < 0:
        raise ConfigError(
            f"The split does not fit: {test:,} rows for testing, {validation:,} for validation "
            f"and {'at least 1' if train is None else f'{train:,}'} for training, "
            f"but {dataset.name} has {len(pool):,}.",
        )
    # NumPy guarantees the stream of RandomState; the stream of Generator may change.
    order = np.random.RandomState(seed).permutation(len(pool))
    if stratify:
        order = _interleaved(order, pool.labels)
    parts = _cut(order, dataset, (first, end), validation, train)
    test_indices, validation_indices, train_indices = parts
    if not len(train_indices):
        raise ConfigError(f"No rows of {dataset.name} are left to train on.")
    return Splits(
        seed=seed,
        train=Subset(pool.images, pool.labels, train_indices),
        validation=Subset(pool.images, pool.labels, validation_indices)
        if len(validation_indices)
        else None,
        test=own_test
        or (Subset(pool.images, pool.labels, test_indices) if len(test_indices) else None),
    )


def _fold_bounds(fold: tuple[int, int], rows: int) -> tuple[int, int]:
    """Return the first row of a part, by its number from 0 and that of all, and its end."""
    number, parts = fold
    return number * rows // parts, (number + 1) * rows // parts


def _cut(
    order: Rows, dataset: Dataset, test: tuple[int, int], validation: int, train: int | None
) -> tuple[Rows, Rows, Rows]:
    """Return the rows of the test split, which lie between two places, and the next ones.

    Without a number of rows to train on, these are all that are left.
    """
    groups = dataset.groups
    bounds = np.array(test)
    if groups is not None:
        order = _gathered(order, groups)
        bounds = _between_groups(bounds, groups[order])
    order = np.roll(order, -bounds[0])
    ends = np.cumsum([bounds[1] - bounds[0], validation, len(order) if train is None else train])
    if groups is not None:
        ends = _between_groups(ends, groups[order])
    if dataset.validation is not None:  # the data says which rows these are
        is_marked = dataset.validation[order]
        order = np.concatenate([order[is_marked], order[~is_marked]])
    test_rows, validation_rows, train_rows, _ = np.split(order, ends)
    return test_rows, validation_rows, train_rows


def _interleaved(order: Rows, labels: Values) -> Rows:
    """Return the rows in an order of which every part has the classes in the same shares.

    Row number i of the n rows of a class, in the given order, is placed at (i + 1/2) / n.
    """
    classes = labels[order]
    places = np.empty(len(order))
    for label in np.unique(classes):
        chosen = classes == label
        count = np.count_nonzero(chosen)
        places[chosen] = (np.arange(count) + 0.5) / count
    return order[np.argsort(places, kind="stable")]


def _gathered(order: Rows, groups: Rows) -> Rows:
    """Return the rows with those of a group together, groups in the order of their first rows."""
    _, first, group_of = np.unique(groups[order], return_index=True, return_inverse=True)
    return order[np.argsort(first[group_of], kind="stable")]


def _between_groups(boundaries: Rows, groups: Rows) -> Rows:
    """Return each boundary moved to the nearest place between two groups."""
    ends = np.flatnonzero(np.diff(groups, prepend=groups[0], append=groups[-1]))
    places = np.concatenate([[0], ends, [len(groups)]])
    nearest: Rows = np.abs(places - boundaries[:, np.newaxis]).argmin(axis=1)
    return places[nearest]


def all_rows(data: LabeledImages | None) -> Subset | None:
    """Return all rows, or None if there are no labels."""
    if data is None or data.labels is None:
        return None
    return Subset(data.images, data.labels, np.arange(len(data)))
