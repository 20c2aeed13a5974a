"""What the result of a training depends on: equal keys, equal bits on the same kind of machine."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import NamedTuple

from zoo.config import plugins
from zoo.config.entry import Entry
from zoo.config.kinds import PluginKind, plugin_kinds
from zoo.config.packages import files_of

# all that stands between a recipe with its data and the numbers that come out
TRAINING_SOURCES = (
    "nn",
    "data/splits.py",
    "data/augment.py",
    "data/warps.py",
    "config/kinds.py",
    "config/entry.py",
    "config/plugin_call.py",
    "training/plugin_kinds.py",
    "training/build.py",
    "training/loop.py",
)


class TrainingKey(NamedTuple):
    """What a training is known by: one that is done is never done again."""

    recipe: str
    seed: int
    data: str
    code: str


def training_key(entry: Entry, data: str) -> TrainingKey:
    """Return the key of training an entry, with its seed and this code, on data of this digest."""
    return TrainingKey(recipe_digest(entry), entry.train.seed, data, entry_source_digest(entry))


def entry_source_digest(entry: Entry) -> str:
    """Return a SHA-256 over the source that an entry's numbers come from, packages' included."""
    theirs = plugin_versions(entry)
    return (
        hashlib.sha256(f"{source_digest()} {theirs}".encode()).hexdigest()
        if theirs
        else source_digest()
    )


def plugin_versions(entry: Entry) -> str:
    """Return what tells the versions of the packages whose kinds an entry names; "" for none."""
    found = plugin_packages(entry)
    return " ".join(f"{name} {version}" for name, version in found.items())


def plugin_packages(entry: Entry) -> dict[str, str]:
    """Return the packages whose kinds an entry names, each with its version and its code."""
    points = [point for _, one in plugin_kinds(entry) if (point := _entry_point(one))]
    return {
        plugins.provider_of(point).name: f"{plugins.provider_of(point).version} "
        f"{_code_of_package(point.module.partition('.')[0])[:12]}"
        for point in sorted(points, key=plugins.provider_of)
    }


def _entry_point(section: PluginKind) -> EntryPoint | None:
    return plugins.kinds(*section.plugin_types).get(section.kind)


@cache
def _code_of_package(package: str) -> str:
    paths = files_of(package)
    return _digest_files(paths[0].parent, paths) if paths else package


def recipe_digest(entry: Entry) -> str:
    """Return a SHA-256 over what an entry asks for, whatever its seed, claim and origin."""
    tables = entry.model_dump(
        mode="json",
        include={"format", "name", "data", "preprocess", "network", "train"},
        exclude_defaults=True,  # so that a setting that is new in zoo changes no old recipe
    )
    tables["train"].pop("seed", None)
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


@cache
def source_digest(names: tuple[str, ...] = TRAINING_SOURCES) -> str:
    """Return a SHA-256 over source of zoo; without names, over what a training's bits come from."""
    top = Path(__file__).parent.parent
    places = [top / name for name in names]
    return _digest_files(
        top,
        [
            path
            for place in places
            for path in (sorted(place.glob("*.py")) if place.is_dir() else [place])
        ],
    )


def _digest_files(top: Path, paths: Iterable[Path]) -> str:
    """Return a SHA-256 over some files of Python, by their places seen from a folder."""
    found = hashlib.sha256()
    for path in paths:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        place = Path(os.path.relpath(path, top)).as_posix()
        found.update(f"{place} {len(content)}\n".encode() + content)
    return found.hexdigest()
