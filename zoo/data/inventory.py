"""The inventory: what of the data is on this machine, and whether it is as it should be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zoo.data.locations import DataLocations, digits_file
from zoo.data.pins import DIGITS, MNIST, PinnedFile
from zoo.data.verified_files import check_file
from zoo.errors import DataError, ZooError


@dataclass(frozen=True)
class Check:
    """One file held against what it should be; no problem means that it is right."""

    path: Path
    problem: str | None


def find_files(places: DataLocations) -> dict[str, str | None]:
    """Return where each dataset is, or nothing for those that are not on this machine."""
    found = [next(places.mnist(pinned.name), None) for pinned in MNIST]
    folders = dict.fromkeys(str(path.parent) for path in found if path)
    mnist = " and ".join(folders) if None not in found else None
    kaggle = next(places.kaggle(), None)
    try:
        digits = str(digits_file())
    except DataError:
        digits = None
    return {
        "digits": digits,
        "mnist": mnist,
        "kaggle": str(kaggle) if kaggle else mnist and f"stand-in drawn from MNIST in {mnist}",
    }


def checks(places: DataLocations) -> Iterator[Check]:
    """Yield a check of every file at hand, those included that another copy is read before."""
    yield _pinned(digits_file(), DIGITS)
    for pinned in MNIST:
        for path in places.mnist(pinned.name):
            yield _pinned(path, pinned)
    for path in places.kaggle():
        yield _parsed(path, places, labelled=True)
        if path.with_name("test.csv").is_file():
            yield _parsed(path.with_name("test.csv"), places, labelled=False)


def _pinned(path: Path, pinned: PinnedFile) -> Check:
    try:
        check_file(path, pinned)
    except ZooError as error:
        return Check(path, str(error))
    return Check(path, None)


def _parsed(path: Path, places: DataLocations, *, labelled: bool) -> Check:
    """Check that the file can be read: Kaggle publishes no hash."""
    from zoo.data.kaggle_csv import read_csv

    try:
        read_csv(path, labelled=labelled, cache=places.cache)
    except ZooError as error:
        return Check(path, str(error))
    return Check(path, None)
