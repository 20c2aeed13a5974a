"""Losses against numbers worked out by hand, central differences and scikit-learn."""

import math
from typing import Literal

import numpy as np
import pytest

from tests.helpers.gradients import LIMIT
from zoo.nn.activations import relu
from zoo.nn.layers import Activation, Dense
from zoo.nn.losses import L2, SoftmaxCrossEntropy, softmax
from zoo.nn.network import Network
from zoo.testing.gradients import central_differences, relative_error

LOG_OF_1_2_5 = np.log([[1.0, 2, 5]])  # the softmax of these is 1/8, 2/8, 5/8


def test_loss_by_hand() -> None:
    loss = SoftmaxCrossEntropy(3, dtype=np.float64)
    logits = np.repeat(LOG_OF_1_2_5, 2, axis=0)
    losses = loss.forward(logits, np.array([2, 0]))
    np.testing.assert_allclose(losses, [math.log(8 / 5), math.log(8)], rtol=1e-14)
    by_hand = np.array([[1 / 8, 2 / 8, 5 / 8 - 1], [1 / 8 - 1, 2 / 8, 5 / 8]]) / 2
    np.testing.assert_allclose(loss.backward(2), by_hand, rtol=1e-14)


def test_loss_smoothing_by_hand() -> None:
    """Smoothing distributes a part of the target over all classes."""
    loss = SoftmaxCrossEntropy(3, smoothing=0.3, dtype=np.float64)
    losses = loss.forward(LOG_OF_1_2_5, np.array([2]))
    # the target is 0.1, 0.1, 0.8
    by_hand = 0.1 * math.log(8) + 0.1 * math.log(4) + 0.8 * math.log(8 / 5)
    np.testing.assert_allclose(losses, [by_hand], rtol=1e-14)
    np.testing.assert_allclose(
        loss.backward(1), [[1 / 8 - 0.1, 2 / 8 - 0.1, 5 / 8 - 0.8]], rtol=1e-13
    )


@pytest.mark.parametrize(
    ("smoothing", "by_hand"),
    [
        (0.0, [0, 2e4]),
        # log p = 0, -2e4, -1e4; the targets are 0.8, 0.1, 0.1 and 0.1, 0.8, 0.1
        (0.3, [0.1 * 2e4 + 0.1 * 1e4, 0.8 * 2e4 + 0.1 * 1e4]),
    ],
)
def test_loss_overflow(smoothing: float, by_hand: list[float]) -> None:
    """Logits of ten thousand cause no overflow."""
    loss = SoftmaxCrossEntropy(3, smoothing=smoothing)
    logits = np.array([[1e4, -1e4, 0], [1e4, -1e4, 0]], np.float32)
    losses = loss.forward(logits, np.array([0, 1]))  # a warning would be an error
    np.testing.assert_allclose(losses, by_hand, rtol=1e-6)
    share = smoothing / 3
    target = np.full((2, 3), share)
    target[[0, 1], [0, 1]] += 1 - smoothing
    np.testing.assert_allclose(loss.backward(1), [[1, 0, 0], [1, 0, 0]] - target, atol=1e-7)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_gradient(smoothing: float) -> None:
    rng = np.random.default_rng(0)
    logits, labels = 3 * rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    loss = SoftmaxCrossEntropy(4, smoothing=smoothing, dtype=np.float64)
    loss.forward(logits, labels)
    d_logits = loss.backward(6).copy()
    differences = central_differences(lambda: float(loss.forward(logits, labels).mean()), logits)
    assert 0 < relative_error(d_logits, differences) < LIMIT


def test_loss_sklearn() -> None:
    from sklearn.metrics import log_loss

    rng = np.random.default_rng(0)
    logits, labels = 3 * rng.normal(size=(50, 10)), rng.integers(0, 10, 50)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    losses = SoftmaxCrossEntropy(10, dtype=np.float64).forward(logits, labels)
    assert losses.mean() == pytest.approx(
        log_loss(labels, probabilities, labels=range(10)), rel=1e-12
    )


@pytest.mark.parametrize("order", ["C", "F"])
def test_loss_margins(
    order: Literal["C", "F"],
) -> None:
    """The margin is 0 exactly where the largest logit is the correct class's."""
    logits = np.array([[1, 4, 2], [1, 4, 2], [-3, -9, -5]], np.float32, order=order)
    loss = SoftmaxCrossEntropy(3)
    loss.forward(logits, np.array([1, 2, 2]))
    assert loss.margins.tolist() == [0, 2 - 4, -5 - -3]
    many = np.random.default_rng(0).normal(size=(1000, 3)).astype(np.float32)
    labels = np.arange(1000) % 3
    loss.forward(many, labels)
    assert ((loss.margins == 0) == (many.argmax(axis=1) == labels)).all()


def test_loss_other_batch_sizes() -> None:
    """The loss of a row does not depend on the number of rows."""
    logits, labels = np.random.default_rng(0).normal(size=(9, 3)), np.arange(9) % 3
    loss = SoftmaxCrossEntropy(3, smoothing=0.1, dtype=np.float64)
    all_at_once = loss.forward(logits, labels).copy()
    for rows in (slice(0, 4), slice(4, 9), slice(3, 5)):
        assert loss.forward(logits[rows], labels[rows]).tolist() == all_at_once[rows].tolist()


# --- L2 -----------------------------------------------------------------------------------


def test_l2_by_hand() -> None:
    """L2 is half the sum of the squared weights, without the biases."""
    network = Network([Dense(2, 1)], dtype=np.float64)
    network.parameters[:] = [3, 4, 100]  # two weights and a bias
    l2 = L2(0.1, network.is_weight)
    assert l2.loss(network.parameters) == pytest.approx(0.05 * (9 + 16))
    gradient = np.array([1.0, 1, 1])
    l2.add_gradient(network.parameters, gradient)
    np.testing.assert_allclose(gradient, [1.3, 1.4, 1])


def test_l2_gradient() -> None:
    network = Network([Dense(3, 4), Activation(relu), Dense(4, 2)], dtype=np.float64)
    network.parameters[:] = np.random.default_rng(0).normal(size=network.parameters.size)
    l2, gradient = L2(0.3, network.is_weight), np.zeros_like(network.parameters)
    l2.add_gradient(network.parameters, gradient)
    differences = central_differences(lambda: l2.loss(network.parameters), network.parameters)
    assert 0 < relative_error(gradient, differences) < LIMIT
    assert np.count_nonzero(gradient) == 3 * 4 + 4 * 2


def test_softmax_by_hand() -> None:
    logits = np.array([[0, np.log(3)], [1e4, 1e4]], np.float32)
    np.testing.assert_allclose(softmax(logits), [[0.25, 0.75], [0.5, 0.5]], rtol=1e-6)
