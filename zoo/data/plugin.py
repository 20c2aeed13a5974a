"""Datasets that plugins provide."""

import numpy as np

from zoo.config import plugin_call
from zoo.config.datasets import PluginData
from zoo.data.dataset import Dataset
from zoo.data.from_arrays import dataset_from_rows
from zoo.data.locations import DataLocations
from zoo.errors import DataError


def load_plugin_data(data: PluginData, locations: DataLocations) -> Dataset:
    """Return the dataset that the plugin's code loads, checked against the entry."""
    result = plugin_call.load_rows(data, locations)
    if not isinstance(result, tuple) or len(result) not in {2, 4}:
        raise DataError(f"{data.kind}: expected (rows, labels), got {type(result).__name__}.")
    try:
        arrays = [np.asarray(array) for array in result]
    except ValueError as error:
        raise DataError(f"{data.kind}: expected arrays: {error}.") from None
    rows, labels, *test = arrays
    where = str(plugin_call.provider(data))
    try:
        dataset = dataset_from_rows(
            data.source, rows, labels, (test[0], test[1]) if test else None, where=where
        )
    except DataError as error:
        raise DataError(
            f"{data.kind!r} of {where}: {error}",
            hint="Make [data] of the entry agree with what the plugin returns.",
        ) from None
    _check(dataset, data)
    return dataset


def _check(dataset: Dataset, data: PluginData) -> None:
    """Raise if the data differs from its description in the entry."""
    counts = {"rows": len(dataset.train), "test_rows": len(dataset.test) if dataset.test else 0}
    for key, count in counts.items():
        if (expected := getattr(data, key)) != count:
            raise DataError(f"data.{key}: expected {expected:,}, got {count:,} from {data.kind}.")
    present = [] if dataset.train.labels is None else np.unique(dataset.train.labels).tolist()
    if missing := set(range(data.classes)) - set(present):
        raise DataError(
            f"data.classes is {data.classes}, but {data.kind} has no row of class "
            f"{data.source.names[min(missing)]}."
        )
