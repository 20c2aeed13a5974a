"""Where an installed package keeps its files, found without running a line of it."""

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path


def folder_of(package: str) -> Path | None:
    """Return the folder of a package, or nothing where there is no such package.

    importlib.util.find_spec would import the packages around it. A folder inside a folder is one
    by the file system; where a package is mapped elsewhere, as in an editable install, its finder
    is asked.
    """
    first, *inner = package.split(".")
    if not all((first, *inner)):
        return None
    name, places = first, _asked(first, None)
    for part in inner:
        name = f"{name}.{part}"
        inside = [place / part for place in places if (place / part).is_dir()]
        places = inside or _asked(name, [str(place) for place in places])
    return places[0] if places else None


def _asked(name: str, places: list[str] | None) -> list[Path]:
    """Return where the finders of this Python see a package; its parents need not be imported."""
    for spec in _specs(name, places):
        if spec.submodule_search_locations:
            return [Path(place) for place in spec.submodule_search_locations]
    return []


def _specs(name: str, places: list[str] | None) -> Iterator[ModuleSpec]:
    """Yield what each finder of this Python knows of a module."""
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, places)
        except (ImportError, KeyError):  # a part of it would have to be imported first
            continue
        if spec:
            yield spec


def files_of(package: str) -> list[Path]:
    """Return the Python files of a package, wherever its parts lie, or of a lone module."""
    if places := _asked(package, None):
        return [path for place in places for path in sorted(place.rglob("*.py"))]
    origins = [spec.origin for spec in _specs(package, None) if spec.origin]
    return [Path(origin) for origin in origins[:1] if origin.endswith(".py")]
