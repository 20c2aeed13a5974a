"""Built-in entries, and what ships of each."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zoo.config.catalog import CatalogEntry, read_catalog
from zoo.config.entry import Entry
from zoo.config.packages import folder_of
from zoo.config.plugins import BUILTIN_DISTRIBUTION
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.nn.metrics import score
from zoo.training import build, model


@cache
def built_in() -> dict[str, CatalogEntry]:
    """Return the built-in entries by their names."""
    return {
        name: listed
        for name, listed in read_catalog().entries.items()
        if listed.provider.startswith(f"{BUILTIN_DISTRIBUTION} ")
    }


def folder() -> Path:
    """Return the folder of everything that ships."""
    found = folder_of("zoo.models")
    assert found is not None
    return found


@cache
def shipped(entry: Entry) -> model.Model:
    """Return the model that ships with an entry."""
    return model.load_shipped(entry)


def record(name: str) -> dict[str, Any]:
    """Return NAME.json."""
    found: dict[str, Any] = json.loads((folder() / f"{name}.json").read_text())
    return found


def assert_recorded_scores(name: str) -> None:
    """Compare what the shipped weights score on the data at hand with their record."""
    entry = built_in()[name].entry
    found = shipped(entry)
    dataset = load(entry.data, locations_from_environment(offline=True))
    assert dataset.digest == found.facts.data
    splits = build.splits(found.entry, dataset, seed=found.facts.seed)
    for split, recorded in found.facts.scores.items():
        part = getattr(splits, split)
        measured = score(
            found.network.logits(part.images, part.rows), part.labels[part.rows].astype(np.intp)
        )
        assert measured.n == recorded.n
        # another kernel may round an image on the border over it
        assert measured.accuracy == pytest.approx(recorded.accuracy, abs=2 / recorded.n)
        assert measured.loss == pytest.approx(recorded.loss, rel=1e-4)
