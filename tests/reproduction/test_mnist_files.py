"""The real MNIST, and the stand-in for Kaggle's files."""

from dataclasses import replace

import numpy as np

from tests.helpers.mnist import folder, needs_mnist
from zoo.data.kaggle import load_kaggle
from zoo.data.locations import DataLocations
from zoo.data.mnist import load_mnist


@needs_mnist
def test_mnist_content(places: DataLocations) -> None:
    """The first labels and the class counts are the published ones."""
    mnist = load_mnist(replace(places, user_path=folder()))
    assert mnist.test is not None
    assert mnist.train.labels is not None
    assert mnist.test.labels is not None
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    counts = np.bincount(mnist.train.labels).tolist()
    assert counts == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert round(mnist.train.images.mean() / 255, 4) == 0.1307


@needs_mnist
def test_kaggle_stand_in_counts(places: DataLocations) -> None:
    """The stand-in has the class counts of MNIST."""
    kaggle = load_kaggle(replace(places, user_path=folder()))
    assert kaggle.test is not None
    assert kaggle.train.labels is not None
    assert kaggle.test.labels is not None
    counts = np.bincount(kaggle.train.labels) + np.bincount(kaggle.test.labels)
    assert counts.tolist() == [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]
