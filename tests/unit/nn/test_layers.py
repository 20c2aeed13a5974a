"""Layers against central differences and numbers worked out by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from tests.helpers.gradients import LIMIT, standalone
from zoo.nn import activations
from zoo.nn.buffers import Array
from zoo.nn.layers import Activation, BatchNorm, Dense, Dropout, Layer
from zoo.nn.losses import L2, SoftmaxCrossEntropy
from zoo.nn.network import Network
from zoo.testing.gradients import central_differences, relative_error

ACTIVATIONS = {
    "relu": activations.relu,
    "leaky_relu": activations.leaky_relu(0.1),
    "sigmoid": activations.sigmoid,
    "tanh": activations.tanh,
}


class SameMask(Dropout):
    """Dropout with the same mask in every pass, so that its loss is a function."""

    def forward(self, x: Array, *, training: bool) -> Array:
        self.rng = np.random.default_rng(7)
        return super().forward(x, training=training)


def errors(layer: Layer, x: Array) -> tuple[float, float]:
    """Return the errors of d_parameters and dL/dx of a weighted sum L, against differences."""
    rng = np.random.default_rng(1)
    layer.parameters[:] += rng.normal(size=layer.parameters.shape)
    weights = rng.normal(size=layer.forward(x.copy(), training=True).shape)

    def loss() -> float:
        return float((layer.forward(x.copy(), training=True) * weights).sum())

    loss()
    d_x, d_parameters = layer.backward(weights.copy()).copy(), layer.gradient.copy()
    return (
        relative_error(d_parameters, central_differences(loss, layer.parameters))
        if d_parameters.size
        else 0,
        relative_error(d_x, central_differences(loss, x)) if d_x.size else 0,
    )


# --- each layer alone ---------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1 / 16])
def test_dense_gradient(scale: float) -> None:
    layer = standalone(Dense(4, 3))
    layer.input_scale = scale
    d_parameters, d_x = errors(layer, np.random.default_rng(0).normal(size=(5, 4)))
    assert 0 < d_parameters < LIMIT
    assert 0 < d_x < LIMIT


@pytest.mark.parametrize("scale", [1.0, 1 / 16])
def test_dense_first_layer_gradient(scale: float) -> None:
    """The first dense layer has the same gradient and returns none for its input."""
    layer = standalone(Dense(4, 3))
    layer.input_scale, layer.needs_input_gradient = scale, False
    d_parameters, _ = errors(layer, np.random.default_rng(0).normal(size=(5, 4)))
    assert 0 < d_parameters < LIMIT
    assert layer.backward(np.ones((5, 3))).shape == (5, 0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_gradient(name: str) -> None:
    rng = np.random.default_rng(0)
    away_from_the_kink = rng.uniform(0.1, 3, (5, 4)) * rng.choice([-1, 1], (5, 4))
    layer = Activation(ACTIVATIONS[name])
    _, d_x = errors(layer, away_from_the_kink)
    assert 0 < d_x < LIMIT


def test_dropout_gradient() -> None:
    """The gradient is right under the same mask."""
    layer = SameMask(0.4, rng=np.random.default_rng())
    _, d_x = errors(layer, np.random.default_rng(0).normal(size=(5, 4)))
    assert 0 < d_x < LIMIT


def test_batch_norm_gradient() -> None:
    layer = standalone(BatchNorm(4, 0.9))
    d_parameters, d_x = errors(layer, np.random.default_rng(0).normal(2, 3, (6, 4)))
    assert 0 < d_parameters < LIMIT
    assert 0 < d_x < LIMIT


# --- by hand ------------------------------------------------------------------------------


def test_dense_by_hand() -> None:
    layer = Dense(2, 2)
    layer.weights[:] = [[1, 2], [3, 4]]
    layer.biases[:] = [[10], [20]]
    # 1·1 + 2·(-1) + 10 = 9,   3·1 + 4·(-1) + 20 = 19
    assert layer.forward(np.array([[1.0, -1]]), training=True).tolist() == [[9, 19]]
    assert layer.output.x1.tolist() == [[9, 19, 1]]  # with the next layer's column of ones


@pytest.mark.parametrize(
    ("name", "z", "values", "derivatives"),
    [
        ("relu", [-2, 3], [0, 3], [0, 1]),
        ("leaky_relu", [-2, 3], [-0.2, 3], [0.1, 1]),
        # 1 / (1 + 1/3) = 3/4, and 3/4 · 1/4 = 3/16
        ("sigmoid", [0, math.log(3)], [0.5, 0.75], [0.25, 0.1875]),
        # (2 - 1/2) / (2 + 1/2) = 3/5, and 1 - 9/25 = 16/25
        ("tanh", [0, math.log(2)], [0, 0.6], [1, 0.64]),
    ],
)
def test_activation_by_hand(
    name: str, z: Sequence[float], values: Sequence[float], derivatives: Sequence[float]
) -> None:
    a, derivative = np.array([z], np.float64), np.empty((1, 2))
    ACTIVATIONS[name](a, derivative)
    np.testing.assert_allclose(a, [values], rtol=1e-15)
    np.testing.assert_allclose(derivative, [derivatives], rtol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_overflow(name: str) -> None:
    limits = {"relu": (0, 1e4), "leaky_relu": (-1e3, 1e4), "sigmoid": (0, 1), "tanh": (-1, 1)}
    z, derivative = np.array([[-1e4, 1e4]], np.float32), np.empty((1, 2), np.float32)
    ACTIVATIONS[name](z, derivative)  # a warning would be an error
    np.testing.assert_allclose(z[0], limits[name], rtol=1e-6)


# --- dropout ------------------------------------------------------------------------------


def test_dropout_share() -> None:
    """Three quarters are dropped, and the rest are multiplied by four."""
    layer = Dropout(0.75, rng=np.random.default_rng(0))
    values = layer.forward(np.full((100, 1000), 2.0), training=True)
    assert set(values.flat) == {0.0, 8.0}
    # 100,000 draws: the share kept has a standard error of sqrt(3/16 / 100,000) = 0.0014
    assert abs((values > 0).mean() - 0.25) < 4 * 0.0014


def test_dropout_mean() -> None:
    x = np.random.default_rng(1).normal(5, 1, (1000, 100))
    layer = Dropout(0.2, rng=np.random.default_rng(0))
    values = layer.forward(x.copy(), training=True)
    # the mask 1.25 · Bernoulli(0.8) has variance 1/4, and E[x²] = 26: sqrt(6.5 / 100,000) = 0.008
    assert abs(values.mean() - x.mean()) < 4 * 0.008


def test_dropout_outside_training() -> None:
    """Outside training dropout changes nothing and draws no numbers."""
    rng = np.random.default_rng(0)
    layer = Dropout(0.5, rng=rng)
    x, before = np.arange(8.0).reshape(2, 4), rng.bit_generator.state
    assert layer.forward(x, training=False) is x
    assert x.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert rng.bit_generator.state == before


# --- batch normalization ------------------------------------------------------------------


def test_batch_norm_by_hand() -> None:
    """1 and 3 are normalized to -1 and 1."""
    layer = BatchNorm(1, 0.9)
    layer.parameters[:] = [[10], [5]]  # gamma, beta
    values = layer.forward(np.array([[1.0], [3]]), training=True)
    # mean 2, variance 1: N = -1 and 1 but for the 1e-5 that is added to the variance
    np.testing.assert_allclose(values, [[-5], [15]], atol=1e-4)


def test_batch_norm_running_statistics() -> None:
    """The running statistics after two steps, worked out by hand."""
    layer = BatchNorm(1, 0.9)
    layer.forward(np.array([[1.0], [3]]), training=True)
    # mean 2, variance of a sample 2: 0.9·0 + 0.1·2 and 0.9·1 + 0.1·2
    np.testing.assert_allclose(layer.statistics, [[0.2], [1.1]], rtol=1e-15)
    layer.forward(np.array([[4.0], [8]]), training=True)
    # mean 6, variance of a sample 8: 0.9·0.2 + 0.1·6 and 0.9·1.1 + 0.1·8
    np.testing.assert_allclose(layer.statistics, [[0.78], [1.79]], rtol=1e-15)


def test_batch_norm_outside_training() -> None:
    """Outside training the running statistics are used and not updated."""
    layer = BatchNorm(2, 0.9)
    layer.parameters[:] = [[2, 3], [10, 20]]  # gamma, beta
    layer.statistics[:] = [[1.0, -1.0], [4 - 1e-5, 9 - 1e-5]]  # mean, variance
    values = layer.forward(np.array([[5.0, -7]]), training=False)
    # 2·(5 - 1)/2 + 10 = 14,   3·(-7 + 1)/3 + 20 = 14
    np.testing.assert_allclose(values, [[14, 14]], rtol=1e-15)
    assert layer.statistics.tolist() == [[1, -1], [4 - 1e-5, 9 - 1e-5]]


def test_batch_norm_single_row() -> None:
    """A constant feature in a single row is 0, with a finite gradient."""
    layer = standalone(BatchNorm(2, 0.9))
    assert layer.forward(np.array([[5.0, -7]]), training=True).tolist() == [[0, 0]]
    assert np.isfinite(layer.backward(np.ones((1, 2)))).all()


# --- full networks ------------------------------------------------------------------------


def dropout() -> Layer:
    return SameMask(0.3, rng=np.random.default_rng())


def activation(name: str) -> Layer:
    return Activation(ACTIVATIONS[name])


@pytest.mark.parametrize(
    ("layers", "scale", "shift"),
    [
        pytest.param([Dense(4, 3)], 1, 0, id="no hidden layer"),
        pytest.param([Dense(4, 3)], 0.5, 0, id="no hidden layer, scaled"),
        pytest.param([Dense(4, 5), activation("relu"), Dense(5, 3)], 0.5, 0, id="one"),
        pytest.param(
            [Dense(4, 5), activation("tanh"), Dense(5, 4), activation("sigmoid"), Dense(4, 3)],
            0.5,
            0.1,
            id="two",
        ),
        pytest.param(
            [
                *[Dense(4, 6), BatchNorm(6, 0.9), activation("leaky_relu"), dropout()],
                *[Dense(6, 5), activation("relu"), BatchNorm(5, 0.5)],
                *[BatchNorm(5, 0.1), Dense(5, 4), dropout(), activation("tanh")],
                Dense(4, 3),
            ],
            0.5,
            0,
            id="three, everything mixed",
        ),
        pytest.param(
            [dropout(), Dense(4, 5), activation("relu"), Dense(5, 3)],
            *(0.5, 0),
            id="dropout on pixels",
        ),
        pytest.param(
            [BatchNorm(4, 0.9), Dense(4, 5), activation("tanh"), Dense(5, 3)],
            *(0.5, 0),
            id="norm first",
        ),
        pytest.param(
            [
                activation("sigmoid"),
                dropout(),
                BatchNorm(4, 0.9),
                Dense(4, 5),
                activation("relu"),
                Dense(5, 3),
            ],
            *(0.5, -0.1),
            id="layers before the first dense one",
        ),
    ],
)
def test_network_gradient(layers: Sequence[Layer], scale: float, shift: float) -> None:
    """The gradient of a full network with its loss and L2."""
    rng = np.random.default_rng(3)
    network = Network(layers, scale=scale, shift=shift, dtype=np.float64)
    network.parameters[:] += rng.normal(size=network.parameters.size)
    pixels, labels = rng.integers(-3, 4, (7, 4)), rng.integers(0, 3, 7)
    criterion = SoftmaxCrossEntropy(3, smoothing=0.1, dtype=np.float64)
    l2 = L2(0.01, network.is_weight)

    def loss() -> float:
        logits = network.forward(network.prepare(pixels), training=True)
        losses = criterion.forward(logits, labels)
        return float(losses.mean()) + l2.loss(network.parameters)

    loss()
    network.backward(criterion.backward(len(pixels)))
    l2.add_gradient(network.parameters, network.gradient)
    differences = central_differences(loss, network.parameters)
    assert 0 < relative_error(network.gradient, differences) < LIMIT
