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
    """Return arrays as a dataset like a source's, and with them those for the test."""
    kept = test and (values(test[0], source), numbers(test[1], source, rows=len(test[0])))
    found = values(rows, source), numbers(labels, source, rows=len(rows))
    return dataset_from_arrays(source, *found, kept, where=where)


def values(given: npt.NDArray[Any], source: Source) -> Values:
    """Return pictures as bytes in rows, or the rows of a table as float32."""
    if source.has_images:
        return array_images(given, source)
    columns = source.shape[1]
    numeric = np.issubdtype(given.dtype, np.number)
    if not numeric or given.ndim != 2 or given.shape[1] != columns:
        raise DataError(
            f"The array is not taken: it is not rows of {columns:,} numbers but {given.dtype} "
            f"{given.shape}."
        )
    with np.errstate(over="ignore"):
        found = given.astype(np.float32)
    if not np.isfinite(found).all():
        raise DataError("The array is not taken: it holds values that are no finite numbers.")
    return found


def numbers(given: npt.NDArray[Any], source: Source, *, rows: int) -> Labels:
    """Return the labels of so many rows as numbers of their classes; names are looked up."""
    if given.dtype.kind in "UO" and given.shape == (rows,):
        known = {name: number for number, name in enumerate(source.names)}
        if unknown := sorted({str(name) for name in given} - known.keys()):
            raise DataError(f"{unknown[0]!r} is none of the classes: {', '.join(source.names)}.")
        return np.array([known[str(name)] for name in given], np.intp)
    whole = np.issubdtype(given.dtype, np.integer) and given.shape == (rows,)
    if not whole or given.min(initial=0) < 0 or given.max(initial=0) >= source.classes:
        raise DataError(
            f"{rows:,} rows need as many whole numbers from 0 to {source.classes - 1} as labels."
        )
    return given.astype(np.intp)
