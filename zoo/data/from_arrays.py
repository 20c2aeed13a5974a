"""Datasets made of NumPy arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source
from zoo.data.dataset import Dataset, Values, dataset_from_arrays
from zoo.data.npy import array_images
from zoo.errors import DataError

Labels = npt.NDArray[np.intp]


def dataset_from_rows(
    source: Source,
    rows: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    test: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None,
    *,
    where: str = "memory",
) -> Dataset:
    """Return a dataset of checked and converted arrays, with an optional test set."""
    converted_test = test and (
        values(test[0], source),
        numbers(test[1], source, rows=len(test[0])),
    )
    return dataset_from_arrays(
        source,
        values(rows, source),
        numbers(labels, source, rows=len(rows)),
        converted_test,
        where=where,
    )


def unmasked(rows: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return an array; raise for masked values, which NumPy would take for values."""
    if isinstance(rows, np.ma.MaskedArray) and np.ma.is_masked(rows):
        raise DataError(
            "Invalid array: some of its values are masked.", hint="Fill them, or leave them out."
        )
    return np.asarray(rows)


def values(array: npt.NDArray[Any], source: Source) -> Values:
    """Return images as (n, pixels) uint8, or the rows of a table as (n, columns) float32."""
    if source.has_images:
        return array_images(array, source)
    columns = source.shape[1]
    is_numeric = np.issubdtype(array.dtype, np.number)
    if not is_numeric or array.ndim != 2 or array.shape[1] != columns:
        raise DataError(
            f"Invalid array: expected rows of {columns:,} numbers, got {array.dtype} {array.shape}."
        )
    with np.errstate(over="ignore"):
        rows = array.astype(np.float32)
    if not np.isfinite(rows).all():
        raise DataError("Invalid array: it contains NaN or infinite values.")
    return rows


def numbers(labels: npt.NDArray[Any], source: Source, *, rows: int) -> Labels:
    """Return the labels of this number of rows as class numbers; class names are looked up."""
    if labels.dtype.kind in "UO" and labels.shape == (rows,):
        number_of = {name: number for number, name in enumerate(source.names)}
        if unknown := sorted({str(name) for name in labels} - number_of.keys()):
            classes = ", ".join(source.names)
            raise DataError(f"Unknown label {unknown[0]!r}; expected one of {classes}.")
        return np.array([number_of[str(name)] for name in labels], np.intp)
    is_valid = np.issubdtype(labels.dtype, np.integer) and labels.shape == (rows,)
    if not is_valid or labels.min(initial=0) < 0 or labels.max(initial=0) >= source.classes:
        raise DataError(
            f"Invalid labels: expected {rows:,} integers from 0 to {source.classes - 1}."
        )
    return labels.astype(np.intp)
