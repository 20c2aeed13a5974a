"""Import of the user's dataset files: checked, then copied into the cache."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zoo.data.dataset_zip import unpacked
from zoo.data.kaggle_csv import read_csv
from zoo.data.locations import KAGGLE_PATHS, DataLocations
from zoo.data.mnist import Four, cached
from zoo.data.pins import MNIST, PinnedFile
from zoo.data.verified_files import WrongContentError, pinned_content, read_chunks
from zoo.errors import DataError, ZooError
from zoo.files import open_atomically

KAGGLE_NAMES = ("train.csv", "test.csv")


def import_files(
    folder: Path, locations: DataLocations, *, files: Four = MNIST, copy: bool = True
) -> Sequence[Path]:
    """Copy the dataset files in `folder`, or in a zip archive, into the cache; return the copies.

    Without `copy` nothing is written, and the paths are those of the files that would be copied.
    """
    if folder.suffix.lower() == ".zip" and folder.is_file():
        names = [name for file in files for name in (file.name, f"{file.name}.gz")]
        with unpacked(folder, [*names, *KAGGLE_NAMES]) as inside:
            if not any(inside.iterdir()):
                raise _nothing_found(folder, files)
            try:
                found = import_files(inside, locations, files=files, copy=copy)
            except ZooError as error:  # the user does not know the temporary folder
                error.args = (str(error).replace(str(inside), str(folder)),)
                raise
        return found if copy else [folder / path.name for path in found]
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
        raise _nothing_found(folder, files)
    return copied


def _nothing_found(folder: Path, files: Four) -> DataError:
    return DataError(
        f"{folder} contains no file of MNIST or Kaggle; "
        f"expected {', '.join(pinned.name for pinned in files)} (plain or .gz, also in mnist) "
        f"or {', '.join(KAGGLE_PATHS)}.",
        hint="To download MNIST, run `zoo data fetch mnist`.",
    )


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
