"""Trainings on pictures of noise, for what is measured where the pictures do not matter."""

import numpy as np

from zoo.config.entry import Entry
from zoo.data.splits import Subset
from zoo.training import build
from zoo.training.loop import Training


def training(entry: Entry, *, rows: int) -> Training:
    """Return a training on so many pictures, which has made no step yet."""
    rng = np.random.default_rng(0)
    source = entry.data.source
    images = rng.integers(0, source.highest + 1, (rows, entry.data.features), np.uint8)
    part = Subset(images, rng.integers(0, source.classes, rows), np.arange(rows))
    chance = build.make_rngs(0)
    network = build.network(entry, chance)
    return Training(network, part, build.plan(entry.train, network, rows=rows), chance)
