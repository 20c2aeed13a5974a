"""What a shell completes: names of entries, from a cache, and runs; nothing heavy is loaded."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

# what a shell takes as it stands: it would run what a stranger's file puts into a name
SAFE = re.compile(r"[A-Za-z0-9_./+-]+")


def entries(incomplete: str) -> list[str]:
    """Return the names of entries that begin so."""
    return _offered(_names(), incomplete)


def runs(incomplete: str) -> list[str]:
    """Return the folders of runs that begin so, as paths, which every command takes."""
    folder = Path(os.environ.get("ZOO_RUNS", "runs"))
    return _offered(sorted(str(run.parent) for run in folder.glob("*/run.json")), incomplete)


def models(incomplete: str) -> list[str]:
    """Return the entries and the runs that begin so."""
    return entries(incomplete) + runs(incomplete)


def _offered(words: list[str], incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete) and SAFE.fullmatch(word)]


def _names() -> list[str]:
    """Return all names of entries: those of the last time, if nothing has been touched since."""
    cache = Path(platformdirs.user_cache_dir("zoo")) / "names.json"
    try:
        known: dict[str, Any] = json.loads(cache.read_bytes())
        if known["seen"] == _seen(known["folders"]):
            return list(map(str, known["names"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # there is none yet, or not one of ours
    from zoo.errors import ZooError
    from zoo.files import write_atomically

    known = _read()
    with suppress(ZooError):  # a shell that completes is no place for a message
        write_atomically(cache, json.dumps(known).encode())
    return list(known["names"])


def _seen(folders: list[str]) -> list[Any]:
    """Return what was asked for, and when each place was touched that the answer depends on."""
    from zoo.config.entry_paths import user_folders

    asked = [str(Path.cwd()), os.environ.get("ZOO_PLUGINS")]
    files = [str(path) for folder in folders for path in sorted(Path(folder).glob("*.toml"))]
    places = [*sys.path, *map(str, user_folders()), *folders, *files]
    return [asked, *map(_touched, places)]


def _touched(place: str) -> list[Any]:
    try:
        return [place, Path(place).stat().st_mtime_ns]
    except OSError:
        return [place, 0]


def _read() -> dict[str, Any]:
    """Return what is to be kept: names, the folders that they stand in, when those were touched."""
    from zoo.config.entry_paths import folders, toml_files

    found = [folder.path for folder in folders() if folder.path and folder.path.is_dir()]
    names = []
    for folder in found:
        with suppress(OSError):
            names += [name for path in toml_files(folder) if (name := _name(path))]
    places = list(map(str, found))
    return {"seen": _seen(places), "folders": places, "names": names}


def _name(path: Path) -> str:
    """Return what an entry is called; nothing of a file that is none, as `zoo list` tells."""
    import tomllib

    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, RecursionError):
        return ""
