"""Inventory of the dataset files on this machine, and checks of their content."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zoo.data.locations import DIGITS_REMEDY, DataLocations, digits_file
from zoo.data.pins import DIGITS, MNIST, PinnedFile
from zoo.data.verified_files import check_file
from zoo.errors import DataError, ZooError

MNIST_REMEDY = "Remove the wrong files, then run `zoo data fetch mnist`."


@dataclass(frozen=True)
class Check:
    """The result of checking one file; `problem` is None if the file is valid."""

    path: Path
    problem: str | None
    hint: str = ""


def find_files(locations: DataLocations) -> dict[str, str | None]:
    """Return the location of each dataset, None for those that are not on this machine."""
    paths = [next(locations.mnist(pinned.name), None) for pinned in MNIST]
    folders = dict.fromkeys(str(path.parent) for path in paths if path)
    mnist = " and ".join(folders) if None not in paths else None
    kaggle = next(locations.kaggle(), None)
    try:
        digits = str(digits_file())
    except DataError:
        digits = None
    return {
        "digits": digits,
        "mnist": mnist,
        "kaggle": str(kaggle) if kaggle else mnist and f"stand-in drawn from MNIST in {mnist}",
    }


def checks(locations: DataLocations) -> Iterator[Check]:
    """Yield a check of each file, including copies that are hidden by an earlier location."""
    yield _pinned(digits_file(), DIGITS, DIGITS_REMEDY)
    for pinned in MNIST:
        for path in locations.mnist(pinned.name):
            yield _pinned(path, pinned, MNIST_REMEDY)
    for path in locations.kaggle():
        yield _parsed(path, locations, labelled=True)
        if path.with_name("test.csv").is_file():
            yield _parsed(path.with_name("test.csv"), locations, labelled=False)


def _pinned(path: Path, pinned: PinnedFile, remedy: str) -> Check:
    try:
        check_file(path, pinned)
    except ZooError as error:
        return Check(path, str(error), error.hint or remedy)
    return Check(path, None)


def _parsed(path: Path, locations: DataLocations, *, labelled: bool) -> Check:
    """Check that the file can be parsed: Kaggle does not publish a hash."""
    from zoo.data.kaggle_csv import read_csv

    try:
        read_csv(path, labelled=labelled, cache=locations.cache)
    except ZooError as error:
        return Check(path, str(error), error.hint)
    return Check(path, None)
