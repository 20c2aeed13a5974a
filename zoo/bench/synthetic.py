"""Trainings on random images, for measurements that do not depend on the images."""

import numpy as np

from zoo.config.entry import Entry
from zoo.data.splits import Subset
from zoo.training import build
from zoo.training.loop import Training


def training(entry: Entry, *, rows: int) -> Training:
    """Return a training on this number of images, before its first step."""
    rng = np.random.default_rng(0)
    source = entry.data.source
    images = rng.integers(0, source.highest + 1, (rows, entry.data.features), np.uint8)
    part = Subset(images, rng.integers(0, source.classes, rows), np.arange(rows))
    rngs = build.make_rngs(0)
    network = build.network(entry, rngs)
    batches = build.batches(entry.train, network, part, rngs, shape=source.shape)
    return Training(network, batches, build.plan(entry.train, network, rows=rows), rngs)
