"""Datasets: images or table rows, their labels, and their source."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source, TableForm
from zoo.formatting import setting

MAX_BYTE_CLASSES = 256  # with more classes, labels need more than a byte
Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[Any]  # pixels as uint8, or a table's numbers as float32


@dataclass(frozen=True)
class LabeledImages:
    """Images (n, pixels) uint8 or table rows (n, columns) float32, and their labels (n,).

    Kaggle's test images have no labels.
    """

    images: Values
    labels: Values | None

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Dataset:
    """Rows to split and train on, the source's own test rows, and a digest of all of them."""

    name: str
    shape: tuple[int, int]
    classes: int
    train: LabeledImages
    test: LabeledImages | None
    source: str
    digest: str
    groups: npt.NDArray[np.integer[Any]] | None = (
        None  # of the rows to train on; a split divides none
    )
    validation: npt.NDArray[np.bool_] | None = None  # the rows that are for validation


class LabeledRows(NamedTuple):
    """Rows (n, features), and the numbers of their classes (n,)."""

    values: Values
    labels: npt.NDArray[np.integer[Any]]


def dataset_from_arrays(
    source: Source,
    rows: Values,
    labels: npt.NDArray[np.integer[Any]],
    test: tuple[Values, npt.NDArray[np.integer[Any]]] | None = None,
    *,
    where: str = "memory",
) -> Dataset:
    """Return a dataset of rows (n, features) and labels (n,); labels are bytes if they fit."""
    label_type = np.uint8 if source.classes <= MAX_BYTE_CLASSES else np.intp
    pools = [LabeledImages(rows, labels.astype(label_type))]
    if test:
        pools.append(LabeledImages(test[0], test[1].astype(label_type)))
    digest = hashlib.sha256()
    for pool in pools:
        for array in (pool.images, pool.labels):
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
    return Dataset(
        name=source.name,
        shape=source.shape,
        classes=source.classes,
        train=pools[0],
        test=pools[1] if test else None,
        source=where,
        digest=digest.hexdigest(),
    )


def describe_row(row: Values, form: TableForm | None = None) -> str:
    """Return the numbers of a table's row as text; if its columns have names, name=value of each.

    A text that is missing is a question mark.
    """
    numbers = [setting(float(f"{value:g}")) for value in row.ravel()]
    if form is None:
        return ", ".join(numbers)
    cells, place = [], 0
    for column in form.columns:
        texts = form.categories.get(column)
        end = place + (1 if texts is None else len(texts))
        value = numbers[place].removesuffix(".0")
        if texts is not None:
            ones = row.ravel()[place:end] == 1
            value = texts[int(ones.argmax())] if ones.any() else "?"
        cells.append(f"{column}={value}")
        place = end
    return ", ".join(cells)


def combined_digest(parts: Iterable[str]) -> str:
    """Return one SHA-256 of several digests or texts in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
