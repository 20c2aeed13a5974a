"""Import of the user's dataset files: checked, then copied into the cache."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zoo.data.kaggle_csv import read_csv
from zoo.data.locations import KAGGLE_PATHS, DataLocations
from zoo.data.mnist import Four, cached
from zoo.data.pins import MNIST, PinnedFile
from zoo.data.verified_files import WrongContentError, pinned_content, read_chunks
from zoo.errors import DataError
from zoo.files import open_atomically


def import_files(
    folder: Path, locations: DataLocations, *, files: Four = MNIST, copy: bool = True
) -> Sequence[Path]:
    """Copy the dataset files in `folder` into the cache and return the copies.

    Without `copy` nothing is written, and the paths are those of the files that would be copied.
    """
    search = replace(locations, user_path=folder)
    copied = []
    for pinned in files:
        path = next(search.mnist(pinned.name), None)
        if path is not None:
            copied.append(_copy(path, pinned, cached(pinned, locations)) if copy else path)
    train = next(search.kaggle(), None)
    csv_files = [train, train.with_name("test.csv")] if train else []
    copied += [
        _copy_csv(path, locations, path.name) if copy else path
        for path in csv_files
        if path.is_file()
    ]
    if not copied:
        raise DataError(
            f"{folder} contains no file of MNIST or Kaggle; "
            f"expected {', '.join(pinned.name for pinned in files)} (plain or .gz, also in mnist) "
            f"or {', '.join(KAGGLE_PATHS)}.",
            hint="To download MNIST, run `zoo data fetch mnist`.",
        )
    return copied


def _copy(source: Path, pinned: PinnedFile, target: Path) -> Path:
    try:
        with open_atomically(target) as file:
            file.writelines(pinned_content(read_chunks(source), pinned))
    except WrongContentError as wrong:
        raise DataError(
            f"{source} was not imported: it contains {wrong}.",
            hint="To download MNIST, run `zoo data fetch mnist`.",
        ) from wrong
    return target


def _copy_csv(source: Path, locations: DataLocations, name: str) -> Path:
    """Copy a file of Kaggle, if it can be parsed."""
    read_csv(source, labelled=name == "train.csv", cache=locations.cache)
    target = locations.cache / "kaggle" / name
    with open_atomically(target) as file:
        file.writelines(read_chunks(source))
    return target
