"""Test images for the page: some of each class, and the mistakes of each model.

MNIST's images may not be redistributed with zoo, and yours are only yours: they are read from this
machine. Without MNIST the page has scikit-learn's digits, and a network of 28 x 28 pixels predicts
them as the page does: enlarged, like a drawing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from zoo.analysis.evaluate import evaluate
from zoo.config.dataset_info import Source
from zoo.config.datasets import DigitsData, ImageData, KaggleData, MnistData, data_config
from zoo.data.dataset import Bytes, Dataset, Values
from zoo.data.images.constants import DIGITS, WHITE
from zoo.data.images.decode import from_array
from zoo.data.images.normalize import as_mnist
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.mnist import MnistMissingError
from zoo.data.splits import Subset, all_rows
from zoo.demo.weights import JsonObject, base64
from zoo.errors import DataError, ZooError
from zoo.training import build
from zoo.training.model import Model
from zoo.training.run import Run

PER_CLASS = 2  # test images
MAX_MISTAKES = 10  # per model, those of the highest probability
MAX_ENLARGED = 150  # enlarged digits that a model predicts
MAX_IMAGES = 100  # of a group
ROOM = 300_000  # pixels of a group
SIDE, MARGIN = 280, 28  # the size and the margin of a drawing, from drawing.js


@dataclass
class ExampleSource:
    """Images of one dataset, and the rows that the page contains."""

    name: str
    source: Source
    images: Values
    labels: Values
    taken: list[int] = field(default_factory=list)

    @property
    def on_black(self) -> bool:
        """Whether the edges of the images are nearer to black than to white."""
        if self.source.fit == "ink":
            return True
        images = self.images[self.taken].reshape(-1, *self.source.shape)
        edges = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
        return bool(np.median(np.concatenate(edges, axis=None)) < self.source.highest / 2)

    def take(self, row: int) -> int:
        """Add an image to the page; return its index there."""
        if row not in self.taken:
            self.taken.append(row)
        return self.taken.index(row)

    def facts(self) -> JsonObject:
        """Return the images of the page as JSON."""
        return {
            "name": self.name,
            "title": self.source.title,
            "licence": self.source.licence,
            "form": form(self.source, on_black=self.on_black),
            "classes": self.source.names,
            "rows": self.taken,
            "labels": self.labels[self.taken].tolist(),
            "pixels": base64(self.images[self.taken].astype(np.uint8)),
        }


@dataclass(frozen=True)
class Examples:
    """Pools of images, and groups of them: test images of a dataset, or mistakes of a model."""

    pools: Sequence[ExampleSource] = ()
    groups: Sequence[JsonObject] = ()
    pool_by_model: Mapping[str, ExampleSource] = field(default_factory=dict)
    lacks_mnist: bool = False  # a model needs MNIST, which is not on this machine
    missing: Mapping[str, str] = field(default_factory=dict)  # why a model has no test images


def form(source: Source, *, on_black: bool) -> JsonObject:
    """Return the form of a dataset's images as JSON."""
    return {
        "fit": source.fit,
        "shape": source.shape,
        "highest": source.highest,
        "on_black": on_black,
    }


def examples(
    models: Sequence[Model], locations: DataLocations, runs: Mapping[str, Run]
) -> Examples:
    """Return test images for these models, without a download."""
    mnist, needs_mnist = (
        None,
        any(isinstance(model.entry.data, MnistData | KaggleData) for model in models),
    )
    if needs_mnist:
        try:
            mnist = load(data_config("mnist"), locations)
        except MnistMissingError:
            if locations.user_path is not None:  # the user named a folder
                raise
    pools: dict[str, ExampleSource] = {}
    pool_by_model, missing = {}, {}
    groups, mistakes = [], []
    for model in models:
        try:
            dataset, part = _test_images(model, mnist, locations, runs.get(model.name))
        except ZooError as error:
            if locations.user_path is not None:
                raise
            missing[model.name] = str(error)
            continue
        is_named = isinstance(model.entry.data, ImageData)
        name = dataset.name if is_named else dataset.digest[:12]
        if name not in pools:
            source = data_config(name).source if is_named else model.source
            pools[name] = ExampleSource(name, source, part.images, part.labels)
            groups.append(_group(pools[name], some_of_each_class(part)))
        pool_by_model[model.name] = pools[name]
        misread = _misread(model, dataset, part)
        if misread:
            mistakes.append(_group(pools[name], misread) | {"misread": model.name})
    return Examples(
        list(pools.values()),
        groups + mistakes,
        pool_by_model,
        lacks_mnist=needs_mnist and not mnist,
        missing=missing,
    )


def _group(pool: ExampleSource, rows: Sequence[int]) -> dict[str, Any]:
    return {"pool": pool.name, "places": [pool.take(row) for row in rows]}


def _test_images(
    model: Model, mnist: Dataset | None, locations: DataLocations, run: Run | None
) -> tuple[Dataset, Subset]:
    """Return images for a model, if possible none of its training images."""
    data = model.entry.data
    if isinstance(data, MnistData | KaggleData):
        digits = mnist or load(data_config("digits"), locations)
        part = all_rows(digits.test or digits.train)
        assert part  # noqa: S101 - both have labels
        return digits, part
    if run:
        data = run.entry.data  # whose paths are absolute
    dataset = load(data, locations)
    if not isinstance(data, DigitsData) and dataset.digest != model.facts.data:
        raise DataError(f"{dataset.source} has changed since the training.")
    splits = build.splits(model.entry, dataset, seed=model.facts.seed)
    return dataset, splits.test or splits.validation or splits.train


def some_of_each_class(part: Subset) -> list[int]:
    """Return the rows of the first images of every class, class by class."""
    labels = part.labels[part.rows]
    classes, most = np.unique(labels), _most_images(part)
    each = min(PER_CLASS, max(most // len(classes), 1))
    return [
        int(part.rows[index])
        for label in classes[:most]
        for index in np.flatnonzero(labels == label)[:each]
    ]


def _most_images(part: Subset) -> int:
    """Return the number of images that a group may have."""
    pixels = int(part.images.shape[1])
    return min(MAX_IMAGES, max(ROOM // pixels, 1))


def _misread(model: Model, dataset: Dataset, part: Subset) -> list[int]:
    """Return the rows of the mistakes with the highest probability."""
    most = min(MAX_MISTAKES, _most_images(part))
    if model.source.shape != dataset.shape:
        rows = part.rows[:MAX_ENLARGED]
        images = np.stack([_as_drawn(part.images[row].tobytes()) for row in rows])
        part = Subset(images, part.labels[rows], np.arange(len(rows)))
        return [int(rows[mistake.index]) for mistake in evaluate(model, part).mistakes[:most]]
    return [mistake.index for mistake in evaluate(model, part).mistakes[:most]]


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
