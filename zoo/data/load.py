"""Loading and downloading datasets."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.config.dataset_info import SOURCES
from zoo.config.datasets import ArchivedData, Data, DigitsData, KaggleData, MnistData, PluginData
from zoo.config.own_data import FileData
from zoo.data.archives import SETS
from zoo.data.locations import DataLocations, Progress, digits_file, silent
from zoo.errors import ConfigError, DataError

if TYPE_CHECKING:
    from zoo.data.dataset import Dataset


def load(data: Data, locations: DataLocations, progress: Progress = silent) -> "Dataset":
    """Return the dataset that an entry names; MNIST is downloaded if it is missing."""
    if isinstance(data, PluginData):
        from zoo.data.plugin import load_plugin_data

        return load_plugin_data(data, locations)
    if isinstance(data, FileData):
        from zoo.data.own.load import load_own

        return load_own(data, locations.user_path)
    if locations.user_path is not None and not os.path.exists(locations.user_path):  # noqa: PTH110 - Path's raises
        # The digits are read elsewhere, but a mistyped path is an error for them, too.
        raise DataError(
            f"{locations.user_path} does not exist.",
            hint="Give --data a folder, or Kaggle's train.csv.",
        )
    if isinstance(data, DigitsData):
        from zoo.data.digits import load_digits

        return load_digits()
    if isinstance(data, MnistData):
        from zoo.data.mnist import load_mnist

        return load_mnist(locations, progress)
    if isinstance(data, ArchivedData):
        from zoo.data.mnist_family import load_archived

        return load_archived(data.kind, locations, progress)
    if isinstance(data, KaggleData):
        from zoo.data.kaggle import load_kaggle

        return load_kaggle(locations, progress)
    raise ConfigError(
        'An entry with data.kind = "table" has its rows from Python: '
        "zoo.train(entry, data=(rows, labels)).",
        hint='For a file, write an entry with data.kind = "csv": `zoo init NAME --data FILE`.',
    )


def fetch(kind: str, locations: DataLocations, progress: Progress = silent) -> Sequence[Path]:
    """Return the files of a dataset on this machine, downloaded if they are missing."""
    if kind == "digits":
        return [digits_file()]
    if kind == "mnist":
        from zoo.data.mnist import fetch_mnist

        return fetch_mnist(locations, progress)
    if kind in SETS:
        from zoo.data.mnist_family import fetch_archived

        return fetch_archived(kind, locations, progress)
    if kind == "kaggle":
        raise DataError(
            "Downloading from Kaggle requires an account, and its rules to be accepted.",
            hint="Download train.csv and test.csv from https://www.kaggle.com/c/digit-recognizer "
            "and run `zoo data import DIR`, or use a stand-in: `zoo data fetch mnist`.",
        )
    raise ConfigError(
        f"There is no dataset named {kind!r}.", hint=f"Choose one of {', '.join(SOURCES)}."
    )


def planned_files(kind: str, locations: DataLocations) -> Sequence[Path]:
    """Return the files that `fetch` would return, without a download."""
    if kind == "mnist":
        from zoo.data.mnist import cached
        from zoo.data.pins import MNIST

        return [next(locations.mnist(file.name), cached(file, locations)) for file in MNIST]
    if kind in SETS:
        from zoo.data.mnist_family import cached as cached_archive

        return [cached_archive(SETS[kind], archive, locations) for archive in SETS[kind].archives]
    return fetch(kind, locations)
