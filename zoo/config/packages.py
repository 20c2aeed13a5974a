"""Files of installed packages, located without importing them."""

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path


def folder_of(package: str) -> Path | None:
    """Return the folder of a package; None if there is no such package.

    importlib.util.find_spec would import its parent packages. Inner packages are found in the
    file system, or by their finder if they are mapped to another folder, as in an editable install.
    """
    first, *inner = package.split(".")
    if not all((first, *inner)):
        return None
    name, folders = first, _search_locations(first, None)
    for part in inner:
        name = f"{name}.{part}"
        subfolders = [folder / part for folder in folders if (folder / part).is_dir()]
        folders = subfolders or _search_locations(name, [str(folder) for folder in folders])
    return folders[0] if folders else None


def _search_locations(name: str, parents: list[str] | None) -> list[Path]:
    """Return the folders of a package by Python's finders, without importing its parents."""
    for spec in _specs(name, parents):
        if spec.submodule_search_locations:
            return [Path(folder) for folder in spec.submodule_search_locations]
    return []


def _specs(name: str, parents: list[str] | None) -> Iterator[ModuleSpec]:
    """Yield the spec of a module by each of Python's finders."""
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, parents)
        except (ImportError, KeyError):  # a parent would have to be imported first
            continue
        if spec:
            yield spec


def files_of(package: str) -> list[Path]:
    """Return the Python files of a package, in all its folders, or of a single module."""
    if not package:  # of an entry point with an odd value
        return []
    if folders := _search_locations(package, None):
        return [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    origins = [spec.origin for spec in _specs(package, None) if spec.origin]
    return [Path(origin) for origin in origins[:1] if origin.endswith(".py")]
