"""Importing: files that the user has, checked and copied into the cache."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zoo.data.kaggle_csv import read_csv
from zoo.data.locations import KAGGLE_SPOTS, DataLocations
from zoo.data.mnist import Four, cached
from zoo.data.pins import MNIST, PinnedFile
from zoo.data.verified_files import WrongContentError, pinned_content, read_chunks
from zoo.errors import DataError
from zoo.files import open_atomically


def import_files(folder: Path, places: DataLocations, *, files: Four = MNIST) -> Sequence[Path]:
    """Return the files in the cache that were copied from what `folder` holds."""
    there = replace(places, user_path=folder)
    copied = []
    for pinned in files:
        path = next(there.mnist(pinned.name), None)
        if path is not None:
            copied.append(_copy(path, pinned, cached(pinned, places)))
    train = next(there.kaggle(), None)
    if train is not None:
        copied.append(_copy_csv(train, places, "train.csv"))
        if train.with_name("test.csv").is_file():
            copied.append(_copy_csv(train.with_name("test.csv"), places, "test.csv"))
    if not copied:
        raise DataError(
            f"{folder} holds neither a file of MNIST nor Kaggle's: "
            f"{', '.join(pinned.name for pinned in files)} (plain or .gz, also in mnist) and "
            f"{', '.join(KAGGLE_SPOTS)} were looked for.",
            hint="`zoo data fetch mnist` downloads MNIST.",
        )
    return copied


def _copy(source: Path, pinned: PinnedFile, target: Path) -> Path:
    try:
        with open_atomically(target) as file:
            file.writelines(pinned_content(read_chunks(source), pinned))
    except WrongContentError as wrong:
        raise DataError(
            f"{source} holds {wrong}; it was not imported.",
            hint="`zoo data fetch mnist` downloads MNIST.",
        ) from wrong
    return target


def _copy_csv(source: Path, places: DataLocations, name: str) -> Path:
    """Copy a file of Kaggle's that can be read."""
    read_csv(source, labelled=name == "train.csv", cache=places.cache)
    target = places.cache / "kaggle" / name
    with open_atomically(target) as file:
        file.writelines(read_chunks(source))
    return target
