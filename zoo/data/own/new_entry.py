"""An entry for a file or folder of the user's, written after a look at it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.config.catalog import USER_FILE, CatalogEntry
from zoo.config.load import check, parse
from zoo.config.own_data import FileData
from zoo.data.own.entry_text import entry_text
from zoo.data.own.load import completed, load_own
from zoo.data.own.look import suggest
from zoo.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.config.entry import Entry, Raw
    from zoo.data.dataset import Dataset

PATHS = {key for kind in FileData.__subclasses__() for key in kind.paths}
SMALLEST = {  # what an entry needs besides its data
    "preprocess": "standardize",
    "network": {"hidden": [1]},
    "train": {"epochs": 1, "rate": 0.1, "weights": "he"},
}


@dataclass(frozen=True)
class NewEntry:
    """An entry as it is written, the same with all facts about its files, their rows, warnings."""

    listed: CatalogEntry
    complete: Entry
    dataset: Dataset
    warnings: Sequence[str]


def new_entry(path: Path, name: str, folder: Path, *, label: str | None = None) -> NewEntry:
    """Return an entry that trains on a file or folder; its paths are relative to `folder`."""
    suggestion = suggest(path, label)
    data = {
        key: _relative(Path(value), folder) if key in PATHS else value
        for key, value in suggestion.data.items()
    }
    raw: dict[str, Any] = {
        "name": name,
        "summary": f"It predicts the classes of {path.name}.",
        "data": {**data, "split": suggestion.split},
        **SMALLEST,
    }
    entry = _complete(raw, path, folder)
    assert isinstance(entry.data, FileData)  # noqa: S101 - all suggestions are
    dataset = load_own(entry.data)
    _check_classes(entry, dataset, path)
    text = entry_text(entry, dataset, raw["data"], suggestion.comments)
    raw = parse(text, where=str(path))
    listed = CatalogEntry(check(raw, where=str(path)), raw, USER_FILE, folder / path.name, text)
    return NewEntry(listed, _complete(raw, path, folder), dataset, suggestion.warnings)


def _check_classes(entry: Entry, dataset: Dataset, path: Path) -> None:
    """Raise if no class has a row to train on and another one to test the network with."""
    labels, noun = dataset.train.labels, entry.data.source.noun
    assert labels is not None  # noqa: S101 - the user's data has labels
    if len(np.unique(labels)) == len(labels):
        raise DataError(
            f"{path} has one {noun} of each class; expected some to train on, and others to test "
            "the network with.",
            hint="Name the column of the classes with --label COLUMN."
            if entry.data.source.table
            else f"Add {noun}s to the classes.",
        )


def _complete(raw: Raw, path: Path, folder: Path) -> Entry:
    entry = check(raw, where=str(path))
    return completed(CatalogEntry(entry, raw, USER_FILE, folder / path.name)).entry


def _relative(path: Path, folder: Path) -> str:
    """Return a path as an entry in this folder names it."""
    if path.is_absolute():
        return path.as_posix()
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on Windows, another drive
        return path.absolute().as_posix()
