"""What the result of a training depends on: equal keys, equal bits on the same kind of machine."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from zoo.config import Entry

# all that stands between a recipe with its data and the numbers that come out
CODE = (
    "nn",
    "data/splits.py",
    "data/augment.py",
    "kinds.py",
    "config.py",
    "metrics.py",
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
    return Key(recipe(entry), entry.train.seed, data, code())


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
    found = hashlib.sha256()
    for name in names:
        place = top / name
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            content = path.read_bytes().replace(b"\r\n", b"\n")
            found.update(f"{path.relative_to(top).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()
