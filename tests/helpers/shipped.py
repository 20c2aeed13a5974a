"""Built-in entries and their shipped files."""

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
    """Return the built-in entries by name."""
    return {
        name: listed
        for name, listed in read_catalog().entries.items()
        if listed.provider.startswith(f"{BUILTIN_DISTRIBUTION} ")
    }


def folder() -> Path:
    """Return the folder of the shipped files."""
    path = folder_of("zoo.models")
    assert path is not None
    return path


@cache
def shipped(entry: Entry) -> model.Model:
    """Return the shipped model of an entry."""
    return model.load_shipped(entry)


def record(name: str) -> dict[str, Any]:
    """Return the content of NAME.json."""
    content: dict[str, Any] = json.loads((folder() / f"{name}.json").read_text())
    return content


def assert_recorded_scores(name: str) -> None:
    """Compare the scores of the shipped weights on local data with the recorded ones."""
    entry = built_in()[name].entry
    shipped_model = shipped(entry)
    dataset = load(entry.data, locations_from_environment(offline=True))
    assert dataset.digest == shipped_model.facts.data
    splits = build.splits(shipped_model.entry, dataset, seed=shipped_model.facts.seed)
    for split, recorded in shipped_model.facts.scores.items():
        subset = getattr(splits, split)
        measured = score(
            shipped_model.network.logits(subset.images, subset.rows),
            subset.labels[subset.rows].astype(np.intp),
        )
        assert measured.n == recorded.n
        # with another kernel, an image near the decision border may get another label
        assert measured.accuracy == pytest.approx(recorded.accuracy, abs=2 / recorded.n)
        assert measured.loss == pytest.approx(recorded.loss, rel=1e-4)
