"""The one door to every dataset: by its name, loaded or fetched."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.config.dataset_info import SOURCES
from zoo.data.locations import DataLocations, digits_file
from zoo.data.progress import Progress, silent
from zoo.errors import ConfigError, DataError

if TYPE_CHECKING:
    from zoo.data.dataset import Dataset


def load(kind: str, places: DataLocations, progress: Progress = silent) -> "Dataset":
    """Return the dataset of that name; digits are in scikit-learn, wherever the others are."""
    if places.user_path is not None and not os.path.exists(places.user_path):  # noqa: PTH110 - Path's raises  # also where nobody would look
        raise DataError(
            f"{places.user_path} does not exist.",
            hint="--data names a folder, or Kaggle's train.csv.",
        )
    if kind == "digits":
        from zoo.data.digits import load_digits

        return load_digits()
    if kind == "mnist":
        from zoo.data.mnist import load_mnist

        return load_mnist(places, progress)
    if kind == "kaggle":
        from zoo.data.kaggle import load_kaggle

        return load_kaggle(places, progress)
    if kind == "table":
        raise ConfigError(
            "A table lies nowhere that zoo knows of.",
            hint="It is handed over in Python: zoo.train(entry, data=(rows, labels)).",
        )
    raise _unknown(kind)


def fetch(kind: str, places: DataLocations, progress: Progress = silent) -> Sequence[Path]:
    """Return the files of a dataset on this machine, downloaded where they are missing."""
    if kind == "digits":
        return [digits_file()]
    if kind == "mnist":
        from zoo.data.mnist import fetch_mnist

        return fetch_mnist(places, progress)
    if kind == "kaggle":
        raise DataError(
            "Kaggle gives its files only to those who have an account and accepted the rules.",
            hint="Download train.csv and test.csv from https://www.kaggle.com/c/digit-recognizer "
            "and `zoo data import DIR`; without them `zoo data fetch mnist` brings a stand-in.",
        )
    raise _unknown(kind)


def _unknown(kind: str) -> ConfigError:
    return ConfigError(
        f"There is no dataset named {kind!r}.", hint=f"There are {', '.join(SOURCES)}."
    )
