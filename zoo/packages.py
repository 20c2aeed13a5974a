"""Where an installed package keeps its files, found without running a line of it."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path


def folder_of(package: str) -> Path | None:
    """Return the folder of a package, or nothing where there is no such package.

    importlib.util.find_spec would import the packages around it; asking the finders does not.
    """
    name, places = "", None
    if not all(package.split(".")):
        return None
    for part in package.split("."):
        name = f"{name}.{part}" if name else part
        spec = _specification(name, places)
        if spec is None or not spec.submodule_search_locations:
            return None
        places = list(spec.submodule_search_locations)
    return Path(places[0]) if places else None


def _specification(name: str, places: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        spec = finder.find_spec(name, places)
        if spec:
            return spec
    return None
