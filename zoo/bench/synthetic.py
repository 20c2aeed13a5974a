"""Trainings on random images, for measurements that do not depend on the images."""

from zoo.config.entry import Entry
from zoo.training import build
from zoo.training.estimate import random_subset
from zoo.training.loop import Training


def training(entry: Entry, *, rows: int) -> Training:
    """Return a training on this number of images, before its first step."""
    rngs = build.make_rngs(0)
    network = build.network(entry, rngs)
    subset = random_subset(entry, rows)
    batches = build.batches(entry.train, network, subset, rngs, shape=entry.data.source.shape)
    return Training(network, batches, build.plan(entry.train, network, rows=rows), rngs)
