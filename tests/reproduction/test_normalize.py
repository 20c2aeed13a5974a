"""Accuracy on changed images of the real MNIST, compared with the unchanged ones."""

from functools import cache

import numpy as np
import pytest

from tests.helpers.drawn_images import CHANGES
from tests.helpers.mnist import folder, needs_mnist
from zoo.config import load
from zoo.data.dataset import Bytes
from zoo.data.images.decode import decode
from zoo.data.images.normalize import as_mnist
from zoo.data.locations import DataLocations
from zoo.data.mnist import load_mnist
from zoo.nn.network import Network
from zoo.training.prepare import prepare


@cache
def trained() -> tuple[Network, Bytes, Bytes]:
    """Return a small network, and held-out digits with their labels."""
    entry = load.check(
        {
            "name": "judge",
            "summary": "A judge of images.",
            "data": "mnist",
            "preprocess": {"divide": 255},
            "network": {"hidden": [64]},
            "train": {
                "epochs": 3,
                "batch": 64,
                "rate": 0.002,
                "optimizer": "adam",
                "weights": "he",
            },
        },
        where="the test",
    )
    work = prepare(
        entry, load_mnist(DataLocations(folder(), None, folder(), offline=True, mirrors=()))
    )
    for _ in work.training:
        pass
    rows = np.random.default_rng(0).permutation(10_000)[:1000]
    subset = work.subsets["test"]
    return work.network, subset.images[rows].reshape(-1, 28, 28), subset.labels[rows]


def accuracy(network: Network, images: Bytes, labels: Bytes) -> float:
    predicted = network.logits(images.reshape(len(images), -1)).argmax(axis=1)
    return float((predicted == labels).mean())


@needs_mnist
@pytest.mark.parametrize("name", ["untouched", "inverted"])
def test_normalize_mnist_itself(name: str) -> None:
    """Normalization does not change the accuracy on images of MNIST."""
    network, digits, labels = trained()
    rng = np.random.default_rng(1)
    decoded = [decode(CHANGES[name](digit, rng), where=name) for digit in digits]
    normalized = [as_mnist(image, where=name).image for image in decoded]
    assert (
        accuracy(network, np.array(normalized), labels) >= accuracy(network, digits, labels) - 0.002
    )


@needs_mnist
@pytest.mark.parametrize("name", CHANGES)
def test_normalize_changed_image(name: str) -> None:
    """The accuracy on changed images is within two points of that on unchanged ones."""
    network, digits, labels = trained()
    rng = np.random.default_rng(1)
    decoded = [decode(CHANGES[name](digit, rng), where=name) for digit in digits]
    normalized = np.array([as_mnist(image, where=name).image for image in decoded])
    untouched, changed = accuracy(network, digits, labels), accuracy(network, normalized, labels)
    print(f"{name}: {untouched:.1%} untouched, {changed:.1%} changed")  # noqa: T201 - for the record
    assert changed >= untouched - 0.02
