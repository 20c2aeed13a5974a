"""The reference network. `tests/unit/training/test_loop.py` trains it beside the core."""

import numpy as np

from tests.helpers.digits import digits
from tests.helpers.gradients import LIMIT
from zoo.nn.reference import ReferenceNetwork
from zoo.testing.gradients import central_differences, relative_error


def initialized(seed: int, *, features: int, hidden: int, classes: int) -> ReferenceNetwork:
    """Return a network with random weights and biases 0."""
    rng = np.random.default_rng(seed)
    return ReferenceNetwork(
        rng.normal(0, np.sqrt(2 / features), (hidden, features)),
        np.zeros((hidden, 1)),
        rng.normal(0, np.sqrt(2 / hidden), (classes, hidden)),
        np.zeros((classes, 1)),
    )


def test_reference_step() -> None:
    """A step moves every parameter against the gradient of the mean cross-entropy."""
    network = initialized(0, features=3, hidden=5, classes=4)
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(3, 6)), rng.integers(0, 4, 6)
    parameters = (network.w1, network.b1, network.w2, network.b2)

    def loss() -> float:
        return float(-np.log(network.forward(x)[1][labels, np.arange(6)]).mean())

    gradients = [central_differences(loss, array) for array in parameters]
    network.step(x, np.eye(4)[labels].T, rate=0.1)
    moved = (network.w1, network.b1, network.w2, network.b2)
    for before, after, gradient in zip(parameters, moved, gradients, strict=True):
        assert relative_error((before - after) / 0.1, gradient) < LIMIT


def test_reference_reads_digits() -> None:
    """Trained on 1,437 of scikit-learn's digits, it reads more than 85 % of the other 360."""
    data = digits().train
    assert data.labels is not None
    network = initialized(0, features=64, hidden=10, classes=10)
    x, y = data.images.T / 16, np.eye(10)[data.labels].T
    for _ in range(500):
        network.step(x[:, :1437], y[:, :1437], rate=0.5)
    assert (network.predict(x[:, 1437:]) == data.labels[1437:]).mean() > 0.85
