"""Test digits for the page: some of each label, and the mistakes of each model.

MNIST's images may not be redistributed with zoo: they are read from this machine. Without them the
page has scikit-learn's digits, and a network of 28 x 28 pixels predicts them as the page does:
enlarged, like a drawing.
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
from zoo.data.images.constants import DIGITS, WHITE
from zoo.data.images.decode import from_array
from zoo.data.images.normalize import as_mnist
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.mnist import MnistMissingError
from zoo.data.splits import Subset, all_rows
from zoo.demo.weights import base64
from zoo.training import build
from zoo.training.model import Model

PER_LABEL = 2  # test digits
MAX_MISTAKES = 10  # per model, those of the highest probability
MAX_ENLARGED = 150  # enlarged digits that a model predicts
SIDE, MARGIN = 280, 28  # the size and the margin of a drawing, from drawing.js


@dataclass
class ExampleSource:
    """Images of one dataset, and the rows that the page contains."""

    name: str
    source: Source
    images: Values
    labels: Values
    taken: list[int] = field(default_factory=list)

    def take(self, row: int) -> int:
        """Add an image to the page; return its index there."""
        if row not in self.taken:
            self.taken.append(row)
        return self.taken.index(row)

    def facts(self) -> dict[str, Any]:
        """Return the images of the page as JSON."""
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
    """Pools of images, and groups of them: test digits of a dataset, or mistakes of a model."""

    pools: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    lacks_mnist: bool  # a model needs MNIST, which is not on this machine


def examples(models: Sequence[Model], locations: DataLocations) -> Examples:
    """Return test digits for these models, without a download."""
    digits = load(data_config("digits"), locations)
    mnist, needs_mnist = None, any(model.source.shape != DIGITS for model in models)
    if needs_mnist:
        try:
            mnist = load(data_config("mnist"), locations)
        except MnistMissingError:
            if locations.user_path is not None:  # the user named a folder
                raise
    pools: dict[str, ExampleSource] = {}
    groups, mistakes = [], []
    for model in models:
        dataset, part = _test_images(model, digits, mnist)
        if dataset.name not in pools:
            source = data_config(dataset.name).source
            pools[dataset.name] = ExampleSource(dataset.name, source, part.images, part.labels)
            groups.append(_group(pools[dataset.name], _first_of_each_digit(part)))
        misread = _misread(model, dataset, part)
        if misread:
            mistakes.append(_group(pools[dataset.name], misread) | {"misread": model.name})
    return Examples(
        [pool.facts() for pool in pools.values()], groups + mistakes, needs_mnist and not mnist
    )


def _group(pool: ExampleSource, rows: Sequence[int]) -> dict[str, Any]:
    return {"pool": pool.name, "places": [pool.take(row) for row in rows]}


def _test_images(model: Model, digits: Dataset, mnist: Dataset | None) -> tuple[Dataset, Subset]:
    """Return images for a model, if possible none of its training images."""
    if model.source.shape == DIGITS:
        splits = build.splits(model.entry, digits, seed=model.facts.seed)
        return digits, splits.test or splits.validation or splits.train
    if mnist:
        test = all_rows(mnist.test)
        assert test  # noqa: S101 - MNIST has one
        return mnist, test
    everything = all_rows(digits.train)
    assert everything  # noqa: S101 - the digits have labels
    return digits, everything


def _first_of_each_digit(part: Subset) -> list[int]:
    """Return the rows of the first images of every digit, digit by digit."""
    labels = part.labels[part.rows]
    return [
        int(part.rows[index])
        for digit in np.unique(labels)
        for index in np.flatnonzero(labels == digit)[:PER_LABEL]
    ]


def _misread(model: Model, dataset: Dataset, part: Subset) -> list[int]:
    """Return the rows of the mistakes with the highest probability."""
    if model.source.shape != dataset.shape:
        rows = part.rows[:MAX_ENLARGED]
        images = np.stack([_as_drawn(part.images[row].tobytes()) for row in rows])
        part = Subset(images, part.labels[rows], np.arange(len(rows)))
        mistakes = evaluate(model, part).mistakes[:MAX_MISTAKES]
        return [int(rows[mistake.index]) for mistake in mistakes]
    return [mistake.index for mistake in evaluate(model, part).mistakes[:MAX_MISTAKES]]


@cache
def _as_drawn(digit: bytes) -> Bytes:
    """Return the input, (784,) uint8, of a network of MNIST for a digit of 8 x 8 on the page."""
    levels = enlarged(np.frombuffer(digit, np.uint8).reshape(DIGITS))
    grey = np.divide(255 - levels, 255, dtype=np.float32)
    return as_mnist(from_array(grey), where="a digit").image.reshape(-1)


def enlarged(digit: Bytes) -> Bytes:
    """Return a digit of 8 x 8 in the size of a drawing, from 0 (paper) to 255, as in drawing.js."""
    values = Image.fromarray(np.divide(digit, WHITE, dtype=np.float32))
    large = np.asarray(values.resize((SIDE - 2 * MARGIN,) * 2, Image.Resampling.BICUBIC))
    return np.pad((large.clip(0, 1) * 255).round().astype(np.uint8), MARGIN)
