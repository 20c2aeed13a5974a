"""Predictions for MNIST's test images in several orders, by every shipped model."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.mnist import file, needs_mnist
from tests.helpers.models import shipped_model
from zoo.data.dataset import Bytes
from zoo.data.idx import read_idx
from zoo.inference.inputs import Input
from zoo.inference.predict import Prediction, predict
from zoo.nn.buffers import Array
from zoo.training.model import Model

ON_MNIST = [name for name in ENTRIES if not name.startswith("digits")]


def probabilities(answering: Model, images: Bytes, order: npt.NDArray[np.integer]) -> Array:
    """Return the probabilities of every image, which come to the model in this order."""
    inputs = (Input("t10k", int(number), images[number], "") for number in order)
    found = np.empty((len(images), 10), np.float32)
    for one in predict(answering, inputs):
        assert isinstance(one, Prediction)
        found[one.input.index] = one.probabilities
    return found


@needs_mnist
@pytest.mark.parametrize("name", ON_MNIST)
def test_image_order_of_mnist(name: str) -> None:
    """In another order every image has its label, and its probabilities within 1e-5."""
    images = read_idx(file("t10k-images"), dimensions=3)[0].reshape(-1, 784)
    rng = np.random.default_rng(0)
    answering = shipped_model(name)
    expected = probabilities(answering, images, np.arange(len(images)))
    for _ in range(2):
        found = probabilities(answering, images, rng.permutation(len(images)))
        assert np.array_equal(found.argmax(axis=1), expected.argmax(axis=1))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
