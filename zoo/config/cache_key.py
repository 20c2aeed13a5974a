"""Cache keys of trainings: equal keys mean bit-identical results on the same kind of machine."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import NamedTuple

from zoo.config import plugins
from zoo.config.base import PluginKind, iter_plugin_kinds
from zoo.config.entry import Entry
from zoo.config.own_data import FileData
from zoo.config.packages import files_of

# the source files that determine the result of a recipe and its data
NETWORK_SOURCES = (  # from an entry to its network
    "nn",
    "config/base.py",
    "config/data.py",
    "config/datasets.py",
    "config/own_data.py",
    "config/preprocess.py",
    "config/layers.py",
    "config/optimization.py",
    "config/augmentation.py",
    "config/entry.py",
    "config/load.py",
    "config/plugin_call.py",
    "training/plugin_kinds.py",
    "training/build.py",
    "training/memory.py",
)
TRAINING_SOURCES = (
    *NETWORK_SOURCES,
    "data/splits.py",
    "data/augment.py",
    "data/warps.py",
    "training/batches.py",
    "training/learned.py",
    "training/loop.py",
    "training/prepare.py",
)


class TrainingKey(NamedTuple):
    """The key of a training; a finished training with an equal key is not repeated."""

    recipe: str
    seed: int
    data: str
    code: str


def training_key(entry: Entry, data: str) -> TrainingKey:
    """Return the key of an entry's training; `data` is the digest of the dataset."""
    return TrainingKey(recipe_digest(entry), entry.train.seed, data, entry_source_digest(entry))


def entry_source_digest(entry: Entry) -> str:
    """Return a SHA-256 of the source code that an entry depends on, including plugins."""
    versions = plugin_versions(entry)
    return (
        hashlib.sha256(f"{source_digest()} {versions}".encode()).hexdigest()
        if versions
        else source_digest()
    )


def plugin_versions(entry: Entry) -> str:
    """Return the versions of the plugins that an entry uses as one string; "" for none."""
    packages = plugin_packages(entry)
    return " ".join(f"{name} {version}" for name, version in packages.items())


def plugin_packages(entry: Entry) -> dict[str, str]:
    """Return the plugins that an entry uses; each with its version and a digest of its code."""
    entry_points = [
        entry_point
        for _, section in iter_plugin_kinds(entry)
        if (entry_point := _entry_point(section))
    ]
    return {
        plugins.provider_of(entry_point).name: f"{plugins.provider_of(entry_point).version} "
        f"{_package_digest(plugins.package_of(entry_point))[:12]}"
        for entry_point in sorted(entry_points, key=plugins.provider_of)
    }


def _entry_point(section: PluginKind) -> EntryPoint | None:
    return plugins.kinds(*section.plugin_types).get(section.kind)


@cache
def _package_digest(package: str) -> str:
    paths = files_of(package)
    return _digest_files(paths[0].parent, paths) if paths else package


def recipe_digest(entry: Entry) -> str:
    """Return a SHA-256 of an entry's recipe, without its seed, claim and origin.

    Where the files of its data are, and what a training learned from them, is not in it.
    """
    tables = entry.without_learned.model_dump(
        mode="json",
        include={"format", "name", "data", "preprocess", "network", "train"},
        exclude_defaults=True,  # a new setting of zoo changes no digest of an old recipe
    )
    tables["train"].pop("seed", None)
    for key in entry.data.paths if isinstance(entry.data, FileData) else ():
        tables["data"].pop(key, None)
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


@cache
def source_digest(names: tuple[str, ...] = TRAINING_SOURCES) -> str:
    """Return a SHA-256 of source files of zoo; by default, of those that a training depends on."""
    top = Path(__file__).parent.parent
    locations = [top / name for name in names]
    return _digest_files(
        top,
        [
            path
            for location in locations
            for path in (sorted(location.glob("*.py")) if location.is_dir() else [location])
        ],
    )


def _digest_files(top: Path, paths: Iterable[Path]) -> str:
    """Return a SHA-256 of Python files and their paths relative to `top`."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        relative = Path(os.path.relpath(path, top)).as_posix()
        digest.update(f"{relative} {len(content)}\n".encode() + content)
    return digest.hexdigest()
