"""Networks of every kind, with numbers that no training would give them, ready to be exported."""

from collections.abc import Mapping

import numpy as np

from tests.helpers.entries import recipe
from zoo.config.catalog import read_catalog
from zoo.nn.metrics import Score
from zoo.training import build, model, weights
from zoo.training.model import Model

# Every kind of layer, and batch normalization wherever it may stand.
DEEP = {
    "network.input": ["batch_norm"],
    "network.hidden": [9, 8, 7],
    "network.block": [
        "dense",
        "batch_norm",
        {"kind": "leaky_relu", "leak": 0.1},
        {"kind": "dropout", "rate": 0.5},
        "batch_norm",
        "tanh",
        "batch_norm",
        "batch_norm",
        "sigmoid",
    ],
    "preprocess": {"divide": 16, "mean": 0.3, "std": 0.5},
}
MNIST = {"data": "mnist", "preprocess": {"divide": 255}}


def random_model(changes: Mapping[str, object] | None = None, *, seed: int = 1) -> Model:
    """Return a network of the plainest recipe with some keys changed, every number another one."""
    entry = recipe(changes)
    network = build.network(entry, build.make_rngs(seed))
    rng = np.random.default_rng(seed)
    network.parameters += rng.normal(scale=0.1, size=network.parameters.size).astype(np.float32)
    network.statistics[:] = rng.uniform(0.5, 1.5, network.statistics.size)
    scores = {"train": Score(n=9, accuracy=0.75, loss=1.25)}
    facts = weights.WeightsMetadata.of(
        network, entry, data="d" * 64, scores={"train": scores["train"]}
    )
    return Model("a-model", network, facts)


def own_images_model(
    *,
    shape: tuple[int, int] = (12, 12),
    fit: str = "scale",
    highest: int = 255,
    classes: tuple[str, ...] = ("circle", "cross", "square"),
) -> Model:
    """Return a network of images in folders, which do not exist."""
    data = {
        "kind": "folder",
        "path": "no-folder",
        "shape": list(shape),
        "fit": fit,
        "highest": highest,
        "classes": list(classes),
        "rows": 100,
        "test_rows": 0,
    }
    return random_model({"data": data, "preprocess": {"divide": highest}})


def model_with_means() -> Model:
    """Return a network of three columns, which has a mean for the missing numbers of each."""
    data = {
        "kind": "csv",
        "file": "no-file.csv",
        "label": "y",
        "columns": ["a", "b", "c"],
        "missing": "mean",
        "means": [1, -2, 0.5],
        "classes": ["no", "yes"],
        "rows": 100,
        "test_rows": 0,
    }
    return random_model({"data": data, "preprocess": {"divide": 4}})


def shipped_model(name: str) -> Model:
    """Return the model that ships with a built-in entry."""
    return model.load_shipped(read_catalog().find(name).entry)
