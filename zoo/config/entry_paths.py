"""Folders of entries: those of plugins, found through entry points, and the user's own."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import platformdirs

from zoo.config.packages import folder_of
from zoo.config.plugins import ENTRY_GROUP, Provider, allowed_entry_points, provider_of

LOCAL_FOLDER = Path("zoo.d")  # entries of the current working directory


class Folder(NamedTuple):
    """A folder of entries and its provider."""

    path: Path | None  # None if the package is missing
    provider: Provider | None = None  # None for a folder of the user
    package: str = ""

    @property
    def label(self) -> str:
        """The name of the provider."""
        return str(self.provider or self.path)


def folders() -> Iterator[Folder]:
    """Yield all folders: the built-in one, those of plugins, and the existing ones of the user."""
    for entry_point in allowed_entry_points(ENTRY_GROUP):
        value = entry_point.value
        yield Folder(folder_of(value), provider_of(entry_point), value)
    is_explicit = "ZOO_PATH" in os.environ  # a folder that is missing there is a problem to report
    yield from (Folder(path) for path in user_folders() if is_explicit or is_folder(path))


def is_folder(path: Path) -> bool:
    """Return whether there is a folder; one that may not be entered, as in containers, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def user_folders() -> list[Path]:
    """Return the folders in ZOO_PATH, or else ./zoo.d and one in the user's configuration."""
    paths = os.environ.get("ZOO_PATH")
    if paths is None:
        return [LOCAL_FOLDER, platformdirs.user_config_path("zoo") / "entries"]
    return [Path(folder) for folder in paths.split(os.pathsep) if folder]


def toml_files(folder: Path) -> list[Path]:
    """Return the TOML files in a folder, in natural order."""
    paths = [path for path in folder.iterdir() if path.suffix == ".toml"]
    return sorted(paths, key=lambda path: natural_sort_key(path.stem))


def natural_sort_key(text: str) -> list[str | tuple[int, str]]:
    """Return a key that sorts mnist-10 before mnist-128; text and numbers alternate in it."""
    parts: list[str] = re.split(r"(\d+)", text)  # texts and numbers in turn
    return [_size(part) if place % 2 else part for place, part in enumerate(parts)]


def _size(digits: str) -> tuple[int, str]:
    """Return a key that sorts numbers of any length by their size; `int` has a limit."""
    significant = digits.lstrip("0")
    return len(significant), significant
