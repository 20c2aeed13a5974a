"""Where an installed package keeps its files, found without running a line of it."""

import sys
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
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, places)
            if spec and spec.submodule_search_locations:
                return [Path(place) for place in spec.submodule_search_locations]
        except (ImportError, KeyError):  # a part of it would have to be imported first
            continue
    return []


def files_of(package: str) -> list[Path]:
    """Return the Python files of a package, wherever its parts lie, or of a lone module."""
    found: list[Path] = []
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(package, None)
        except (ImportError, KeyError):
            continue
        if spec and spec.submodule_search_locations:
            for place in map(Path, spec.submodule_search_locations):
                found += sorted(place.rglob("*.py"))
        elif spec and spec.origin and spec.origin.endswith(".py"):
            found.append(Path(spec.origin))
        if found:
            break
    return found
