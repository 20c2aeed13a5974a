"""A dataset: pictures, their labels, and where both came from."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source
from zoo.formatting import setting

BYTE = 256  # classes that a byte can tell apart
Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[Any]  # pixels as bytes, or a table's numbers as float32


@dataclass(frozen=True)
class LabeledImages:
    """Pictures in rows, and their labels; Kaggle's test pictures have none."""

    images: Values
    labels: Values | None

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Dataset:
    """What may be trained on, what the source holds apart, and a record of its bytes."""

    name: str
    shape: tuple[int, int]
    classes: int
    train: LabeledImages
    test: LabeledImages | None
    source: str
    digest: str


Rows = tuple[Values, npt.NDArray[np.integer[Any]]]  # with their labels


def dataset_from_arrays(
    source: Source,
    rows: Values,
    labels: npt.NDArray[np.integer[Any]],
    test: Rows | None = None,
    *,
    where: str = "memory",
) -> Dataset:
    """Return rows that are at hand as a dataset; labels are kept in bytes where they fit."""
    fitting = np.uint8 if source.classes <= BYTE else np.intp
    pools = [LabeledImages(rows, labels.astype(fitting))]
    if test:
        pools.append(LabeledImages(test[0], test[1].astype(fitting)))
    digest = hashlib.sha256()
    for pool in pools:
        for array in (pool.images, pool.labels):
            digest.update(array.tobytes() if array is not None else b"")
    kept = pools[1] if test else None
    shape, classes = source.shape, source.classes
    return Dataset(source.name, shape, classes, pools[0], kept, where, digest.hexdigest())


def describe_row(row: Values) -> str:
    """Return the numbers of a table's row as they are read."""
    return ", ".join(setting(float(f"{value:g}")) for value in row.ravel())


def combined_digest(parts: Iterable[str]) -> str:
    """Return one SHA-256 for several digests or words in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
