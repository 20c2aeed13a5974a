"""Shell completion of entries and runs; names come from a cache, and NumPy is not imported."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

# safe in a shell without quotes: a shell would execute `$(...)` in the name of an entry
SAFE = re.compile(r"[A-Za-z0-9_./+-]+")
MAX_BYTES = 10_000_000  # of the cache


def entries(incomplete: str) -> list[str]:
    """Return the names of entries that start with the given text."""
    return _matching(_names(), incomplete)


def runs(incomplete: str) -> list[str]:
    """Return the paths of run folders that start with the given text."""
    folder = Path(os.environ.get("ZOO_RUNS", "runs"))
    return _matching(sorted(str(run.parent) for run in folder.glob("*/run.json")), incomplete)


def models(incomplete: str) -> list[str]:
    """Return the entries and runs that start with the given text."""
    return entries(incomplete) + runs(incomplete)


def guides_and_commands(incomplete: str) -> list[str]:
    """Return the guides of `zoo help` and the commands that start with the given text."""
    from .commands import BUILTIN_COMMANDS
    from .help import GUIDES
    from .plugin_commands import plugin_commands

    names = {**GUIDES, **BUILTIN_COMMANDS, **plugin_commands()}
    return _matching(sorted(names), incomplete)


def _matching(names: list[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete) and SAFE.fullmatch(name)]


def _names() -> list[str]:
    """Return all names of entries, from the cache unless a file or folder has changed."""
    from zoo.data.cache import cache_folder
    from zoo.system.files import read_regular

    cache = cache_folder() / "names.json"
    try:
        cached: dict[str, Any] = json.loads(read_regular(cache, MAX_BYTES))
        if cached["seen"] == _seen(cached["folders"]):
            return list(map(str, cached["names"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # the cache is missing or invalid
    from zoo.errors import ZooError
    from zoo.files import write_atomically

    cached = _read()
    with suppress(ZooError):  # completion must not print a message
        write_atomically(cache, json.dumps(cached).encode())
    return list(cached["names"])


def _seen(folders: list[str]) -> list[Any]:
    """Return the state that the names depend on: folder, ZOO_PLUGINS, modification times."""
    from zoo.config.entry_paths import user_folders

    environment = [str(Path.cwd()), os.environ.get("ZOO_PLUGINS")]
    files = [str(path) for folder in folders for path in sorted(Path(folder).glob("*.toml"))]
    paths = [*sys.path, *map(str, user_folders()), *folders, *files]
    return [environment, *map(_modified, paths)]


def _modified(path: str) -> list[Any]:
    try:
        return [path, Path(path).stat().st_mtime_ns]
    except OSError:
        return [path, 0]


def _read() -> dict[str, Any]:
    """Return the content of the cache: names, their folders, modification times."""
    from zoo.config.entry_paths import folders, is_folder, toml_files

    paths = [folder.path for folder in folders() if folder.path and is_folder(folder.path)]
    names = []
    for folder in paths:
        with suppress(OSError):
            names += [name for path in toml_files(folder) if (name := _name(path))]
    folder_names = list(map(str, paths))
    return {"seen": _seen(folder_names), "folders": folder_names, "names": names}


def _name(path: Path) -> str:
    """Return the name of an entry, or an empty string for a file that `zoo list` would report."""
    from zoo.config import toml
    from zoo.system.files import read_regular

    try:
        return str(toml.loads(read_regular(path, toml.MAX_BYTES).decode("utf-8-sig"))["name"])
    except (OSError, ValueError, KeyError):
        return ""
