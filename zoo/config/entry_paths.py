"""Folders that hold entries: those of packages, which come in by entry points, and one's own."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import platformdirs

from zoo.config.packages import folder_of
from zoo.config.plugins import Provider, allowed_entry_points, provider_of

GROUP = "zoo.registry"
LOCAL_FOLDER = Path("zoo.d")  # a folder of entries that belongs to the work in this directory


class Folder(NamedTuple):
    """Where entries lie, and who put them there."""

    path: Path | None  # nothing, where the package is not there
    provider: Provider | None = None  # nothing, for one's own
    package: str = ""

    @property
    def label(self) -> str:
        """Who brings the entries."""
        return str(self.provider or self.path)


def folders() -> Iterator[Folder]:
    """Yield every folder: ours, then those of other packages, then one's own that there are."""
    for point in allowed_entry_points(GROUP):
        yield Folder(folder_of(point.value), provider_of(point), point.value)
    named = "ZOO_PATH" in os.environ  # who names one wants to hear that it is not there
    yield from (Folder(path) for path in user_folders() if named or path.is_dir())


def user_folders() -> list[Path]:
    """Return the folders that ZOO_PATH names, or else ./zoo.d and one in the user's settings."""
    wanted = os.environ.get("ZOO_PATH")
    if wanted is None:
        return [LOCAL_FOLDER, platformdirs.user_config_path("zoo") / "entries"]
    return [Path(folder) for folder in wanted.split(os.pathsep) if folder]


def toml_files(folder: Path) -> list[Path]:
    """Return the TOML files in a folder, in their natural order."""
    paths = [path for path in folder.iterdir() if path.suffix == ".toml"]
    return sorted(paths, key=lambda path: natural_sort_key(path.stem))


def natural_sort_key(text: str) -> list[str | int]:
    """Sort mnist-10 before mnist-128; text and numbers take turns, so they never meet."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]
