"""The reference network, and the core trained beside it."""

import numpy as np
import pytest

from tests.helpers.digits import digits
from zoo.nn.activations import relu
from zoo.nn.initializers import he, zeros
from zoo.nn.layers import Activation, Dense
from zoo.nn.losses import SoftmaxCrossEntropy
from zoo.nn.network import Network
from zoo.nn.optimizers import SGD
from zoo.nn.reference import ReferenceNetwork

RATE = 0.5


def networks(seed: int) -> tuple[ReferenceNetwork, Network]:
    """Return both with the same initialization, the core in float64."""
    core = Network([Dense(64, 10), Activation(relu), Dense(10, 10)], scale=1 / 16, dtype=np.float64)
    core.initialize(np.random.default_rng(seed), weights=he, biases=zeros)
    arrays = {name: array.copy() for name, array in core.named_arrays()}
    return (
        ReferenceNetwork(arrays["W1"], arrays["b1"][:, None], arrays["W2"], arrays["b2"][:, None]),
        core,
    )


@pytest.mark.parametrize("batch", [1797, 128])
def test_reference_learns_as_the_core(batch: int) -> None:
    """Both have the same parameters after 100 steps, by whole batches and by smaller ones."""
    data = digits().train
    assert data.labels is not None
    reference, core = networks(seed=3)
    x, y = data.images.T / 16, np.eye(10)[data.labels].T
    loss, optimizer = SoftmaxCrossEntropy(10, dtype=np.float64), SGD(core.parameters)
    rng = np.random.default_rng(4)
    for number in range(1, 101):
        rows = rng.permutation(len(data))[:batch]
        reference.step(x[:, rows], y[:, rows], rate=RATE)
        logits = core.forward(core.prepare(data.images[rows]), training=True)
        loss.forward(logits, data.labels[rows].astype(np.intp))
        core.backward(loss.backward(len(rows)))
        optimizer.step(core.gradient, learning_rate=RATE, step=number)
    learned = dict(core.named_arrays())
    np.testing.assert_allclose(learned["W1"], reference.w1, rtol=0, atol=1e-9)
    np.testing.assert_allclose(learned["b1"], reference.b1[:, 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(learned["W2"], reference.w2, rtol=0, atol=1e-9)
    np.testing.assert_allclose(learned["b2"], reference.b2[:, 0], rtol=0, atol=1e-9)


def test_reference_reads_digits() -> None:
    """Trained on 1,437 of scikit-learn's digits, it reads more than 85 % of the other 360."""
    data = digits().train
    assert data.labels is not None
    reference, _ = networks(seed=0)
    x, y = data.images.T / 16, np.eye(10)[data.labels].T
    for _ in range(500):
        reference.step(x[:, :1437], y[:, :1437], rate=RATE)
    assert (reference.predict(x[:, 1437:]) == data.labels[1437:]).mean() > 0.85
