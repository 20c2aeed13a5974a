"""Test digits to begin with: some of each, and those that a model takes for another.

MNIST's pictures are not ours to bring along: they are taken from where they lie on this machine.
Where they do not, the page has scikit-learn's digits, and a network of 28 x 28 pixels is asked
about them as the page itself will ask it: enlarged, like a drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from zoo.analysis.evaluate import evaluate
from zoo.config.dataset_info import Source
from zoo.config.datasets import data_config
from zoo.data.dataset import Bytes, Dataset, Values
from zoo.data.images.decode import from_array
from zoo.data.images.normalize import DIGITS, as_mnist
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.mnist import MnistMissingError
from zoo.data.splits import Subset, all_rows
from zoo.demo.weights import base64
from zoo.training import build
from zoo.training.model import Model

OF_EACH = 2  # test digits
MISREAD = 10  # of a model, the surest
ASKED = 150  # enlarged digits
SIDE, MARGIN, EDGE = 280, 28, 2  # of a drawing, as drawing.js has them


@dataclass
class ExampleSource:
    """Pictures of one data set, and which of them the page takes along."""

    name: str
    source: Source
    images: Values
    labels: Values
    taken: list[int] = field(default_factory=list)

    def take(self, row: int) -> int:
        """Return the place of a picture among those that are taken along."""
        if row not in self.taken:
            self.taken.append(row)
        return self.taken.index(row)

    def facts(self) -> dict[str, Any]:
        """Return what the page holds of them."""
        return {
            "name": self.name,
            "title": self.source.title,
            "licence": self.source.licence,
            "shape": self.source.shape,
            "highest": self.source.highest,
            "rows": self.taken,
            "labels": self.labels[self.taken].tolist(),
            "pixels": base64(self.images[self.taken].astype(np.uint8)),
        }


@dataclass(frozen=True)
class Examples:
    """Pools of pictures, and groups of them under a title, some of them a model's mistakes."""

    pools: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    lacks_mnist: bool  # which would have been wanted


def examples(models: Sequence[Model], places: DataLocations) -> Examples:
    """Return test digits for these models, with nothing downloaded."""
    digits = load(data_config("digits"), places)
    mnist, wanted = None, any(model.source.shape != DIGITS for model in models)
    if wanted:
        try:
            mnist = load(data_config("mnist"), places)
        except MnistMissingError:
            if (
                places.user_path is not None
            ):  # who names a folder wants to hear that it is not there
                raise
    pools: dict[str, ExampleSource] = {}
    groups, mistakes = [], []
    for model in models:
        dataset, part = _asked(model, digits, mnist)
        if dataset.name not in pools:
            source = data_config(dataset.name).source
            pools[dataset.name] = ExampleSource(dataset.name, source, part.images, part.labels)
            groups.append(_group(pools[dataset.name], _some_of_each(part)))
        found = _misread(model, dataset, part)
        if found:
            mistakes.append(_group(pools[dataset.name], found) | {"misread": model.name})
    return Examples(
        [pool.facts() for pool in pools.values()], groups + mistakes, wanted and not mnist
    )


def _group(pool: ExampleSource, rows: Sequence[int]) -> dict[str, Any]:
    return {"pool": pool.name, "places": [pool.take(row) for row in rows]}


def _asked(model: Model, digits: Dataset, mnist: Dataset | None) -> tuple[Dataset, Subset]:
    """Return the pictures that a model is shown, none of which it was trained on if that can be."""
    if model.source.shape == DIGITS:
        drawn = build.splits(model.entry, digits, seed=model.facts.seed)
        return digits, drawn.test or drawn.validation or drawn.train
    if mnist:
        test = all_rows(mnist.test)
        assert test  # noqa: S101 - MNIST has one
        return mnist, test
    everything = all_rows(digits.train)
    assert everything  # noqa: S101 - the digits have labels
    return digits, everything


def _some_of_each(part: Subset) -> list[int]:
    """Return the first pictures of every digit, digit by digit."""
    labels = part.labels[part.rows]
    return [
        int(part.rows[place])
        for digit in np.unique(labels)
        for place in np.flatnonzero(labels == digit)[:OF_EACH]
    ]


def _misread(model: Model, dataset: Dataset, part: Subset) -> list[int]:
    """Return the rows of the surest mistakes."""
    if model.source.shape != dataset.shape:
        rows = part.rows[:ASKED]
        images = np.stack([_as_drawn(part.images[row].tobytes()) for row in rows])
        part = Subset(images, part.labels[rows], np.arange(len(rows)))
        return [int(rows[one.index]) for one in evaluate(model, part).mistakes[:MISREAD]]
    return [one.index for one in evaluate(model, part).mistakes[:MISREAD]]


@cache
def _as_drawn(digit: bytes) -> Bytes:
    """Return what a network of 28 x 28 pixels sees of a digit of 8 x 8 on the page."""
    levels = enlarged(np.frombuffer(digit, np.uint8).reshape(DIGITS))
    grey = np.divide(255 - levels, 255, dtype=np.float32)
    return as_mnist(from_array(grey), where="a digit").image.reshape(-1)


def enlarged(digit: Bytes) -> Bytes:
    """Return a digit of 8 x 8 as large as a drawing, from 0, paper, to 255, as drawing.js does."""
    shares = Image.fromarray(np.divide(digit, 16, dtype=np.float32))
    large = np.asarray(shares.resize((SIDE - 2 * MARGIN,) * 2, Image.Resampling.BICUBIC))
    return np.pad((large.clip(0, 1) * 255).round().astype(np.uint8), MARGIN)
