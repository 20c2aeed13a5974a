"""What the result of a training depends on: equal keys, equal bits on the same kind of machine."""

import hashlib
import json
import os
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import NamedTuple

from zoo import plugins
from zoo.config import Entry
from zoo.kinds import Brought, brought_in
from zoo.packages import files_of

# all that stands between a recipe with its data and the numbers that come out
CODE = (
    "nn",
    "data/splits.py",
    "data/augment.py",
    "kinds.py",
    "config.py",
    "metrics.py",
    "brought.py",
    "build.py",
    "training.py",
)


class Key(NamedTuple):
    """What a training is known by: one that is done is never done again."""

    recipe: str
    seed: int
    data: str
    code: str


def key(entry: Entry, data: str) -> Key:
    """Return the key of training an entry, with its seed and this code, on data of this digest."""
    return Key(recipe(entry), entry.train.seed, data, code_of(entry))


def code_of(entry: Entry) -> str:
    """Return a SHA-256 over the source that an entry's numbers come from, packages' included."""
    theirs = code_of_packages(entry)
    return hashlib.sha256(f"{code()} {theirs}".encode()).hexdigest() if theirs else code()


def code_of_packages(entry: Entry) -> str:
    """Return what tells the versions of the packages whose kinds an entry names; "" for none."""
    found = packages(entry)
    return " ".join(f"{name} {version}" for name, version in found.items())


def packages(entry: Entry) -> dict[str, str]:
    """Return the packages whose kinds an entry names, each with its version and its code."""
    points = [point for _, one in brought_in(entry) if (point := _point(one))]
    return {
        plugins.provider_of(point).name: f"{plugins.provider_of(point).version} "
        f"{_code_of_package(point.module.partition('.')[0])[:12]}"
        for point in sorted(points, key=plugins.provider_of)
    }


def _point(section: Brought) -> EntryPoint | None:
    return plugins.kinds(*section.sorts).get(section.kind)


@cache
def _code_of_package(package: str) -> str:
    paths = files_of(package)
    return _source(paths[0].parent, paths) if paths else package


def recipe(entry: Entry) -> str:
    """Return a SHA-256 over what an entry asks for, whatever its seed, claim and origin."""
    tables = entry.model_dump(
        mode="json",
        include={"format", "name", "data", "preprocess", "network", "train"},
        exclude_defaults=True,  # so that a setting that is new in zoo changes no old recipe
    )
    tables["train"].pop("seed", None)
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


@cache
def code(names: tuple[str, ...] = CODE) -> str:
    """Return a SHA-256 over source of zoo; without names, over what a training's bits come from."""
    top = Path(__file__).parent
    places = [top / name for name in names]
    return _source(
        top,
        [
            path
            for place in places
            for path in (sorted(place.glob("*.py")) if place.is_dir() else [place])
        ],
    )


def _source(top: Path, paths: Iterable[Path]) -> str:
    """Return a SHA-256 over some files of Python, by their places seen from a folder."""
    found = hashlib.sha256()
    for path in paths:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        place = Path(os.path.relpath(path, top)).as_posix()
        found.update(f"{place} {len(content)}\n".encode() + content)
    return found.hexdigest()
