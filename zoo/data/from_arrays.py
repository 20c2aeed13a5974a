"""The rows that an entry names: ours by their names, a package's from its code, or handed over."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config import plugin_call
from zoo.config.dataset_info import Source
from zoo.config.datasets import Data, PluginData
from zoo.data.dataset import Dataset, Values, dataset_from_arrays
from zoo.data.load import load as load_ours
from zoo.data.locations import DataLocations
from zoo.data.npy import array_images
from zoo.data.progress import Progress, silent
from zoo.errors import DataError

Labels = npt.NDArray[np.intp]


def load(data: Data, places: DataLocations, progress: Progress = silent) -> Dataset:
    """Return the dataset that an entry names; `places` say where ours are looked for."""
    if not isinstance(data, PluginData):
        return load_ours(data.kind, places, progress)
    found = plugin_call.rows(data, places)
    if not isinstance(found, tuple) or len(found) not in {2, 4}:
        raise DataError(f"{data.kind} gives {type(found).__name__}, and not (rows, labels).")
    try:
        arrays = [np.asarray(one) for one in found]
    except ValueError as error:
        raise DataError(f"{data.kind} gives what is no array: {error}.") from None
    rows, labels, *test = arrays
    where = str(plugin_call.provider(data))
    kept = (test[0], test[1]) if test else None
    try:
        made = dataset_from_rows(data.source, rows, labels, kept, where=where)
    except DataError as error:
        raise DataError(
            f"{data.kind!r} of {where}: {error}",
            hint="What the entry says under [data] and what the package gives do not agree.",
        ) from None
    _check(made, data)
    return made


def _check(found: Dataset, data: PluginData) -> None:
    """Raise if the data is not what the entry says of it."""
    counts = {"rows": len(found.train), "test_rows": len(found.test) if found.test else 0}
    for key, there in counts.items():
        if (said := getattr(data, key)) != there:
            raise DataError(f"data.{key} is {said:,}, and {data.kind} has {there:,}.")
    seen = [] if found.train.labels is None else np.unique(found.train.labels).tolist()
    if lost := set(range(data.classes)) - set(seen):
        raise DataError(
            f"data.classes is {data.classes}, and {data.kind} has no row of "
            f"{data.source.names[min(lost)]}."
        )


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
