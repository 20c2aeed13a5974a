"""Layers against central differences and numbers worked out by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from tests.helpers.gradients import (
    LIMIT,
    allocated_layer,
    central_differences,
    relative_error,
    with_bias_column,
)
from zoo.nn import activations
from zoo.nn.buffers import Array
from zoo.nn.layers import Activation, BatchNorm, Dense, Dropout, Layer
from zoo.nn.losses import L2, SoftmaxCrossEntropy
from zoo.nn.network import Network

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


def errors(layer: Layer, x: Array, *, ones: float = 1.0) -> tuple[float, float]:
    """Return the errors of d_parameters and dL/dx of a weighted sum L, against differences."""
    rng = np.random.default_rng(1)
    layer.parameters[:] += rng.normal(size=layer.parameter_shape)
    weights = rng.normal(size=layer.forward(with_bias_column(x, ones), training=True)[:, :-1].shape)

    def loss() -> float:
        return float(
            (layer.forward(with_bias_column(x, ones), training=True)[:, :-1] * weights).sum()
        )

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
    layer = Dense(3)
    layer.input_scale = scale
    allocated_layer(layer, inputs=4, rows=5)
    d_parameters, d_x = errors(layer, np.random.default_rng(0).normal(size=(5, 4)), ones=1 / scale)
    assert 0 < d_parameters < LIMIT
    assert 0 < d_x < LIMIT


@pytest.mark.parametrize("scale", [1.0, 1 / 16])
def test_dense_first_layer_gradient(scale: float) -> None:
    """The first dense layer has the same gradient and returns none for its input."""
    layer = Dense(3)
    layer.input_scale, layer.needs_input_gradient = scale, False
    allocated_layer(layer, inputs=4, rows=5)
    d_parameters, _ = errors(layer, np.random.default_rng(0).normal(size=(5, 4)), ones=1 / scale)
    assert 0 < d_parameters < LIMIT
    assert layer.backward(np.ones((5, 3))).shape == (5, 0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_gradient(name: str) -> None:
    rng = np.random.default_rng(0)
    away_from_the_kink = rng.uniform(0.1, 3, (5, 4)) * rng.choice([-1, 1], (5, 4))
    layer = allocated_layer(Activation(ACTIVATIONS[name]), inputs=4, rows=5)
    _, d_x = errors(layer, away_from_the_kink)
    assert 0 < d_x < LIMIT


def test_dropout_gradient() -> None:
    """The gradient is right under the same mask."""
    layer = allocated_layer(SameMask(0.4, rng=np.random.default_rng()), inputs=4, rows=5)
    _, d_x = errors(layer, np.random.default_rng(0).normal(size=(5, 4)))
    assert 0 < d_x < LIMIT


def test_batch_norm_gradient() -> None:
    layer = allocated_layer(BatchNorm(0.9), inputs=4, rows=6)
    d_parameters, d_x = errors(layer, np.random.default_rng(0).normal(2, 3, (6, 4)))
    assert 0 < d_parameters < LIMIT
    assert 0 < d_x < LIMIT


# --- by hand ------------------------------------------------------------------------------


def test_dense_by_hand() -> None:
    layer = allocated_layer(Dense(2), inputs=2, rows=1)
    layer.weights[:] = [[1, 2], [3, 4]]
    layer.biases[:] = [[10], [20]]
    # 1·1 + 2·(-1) + 10 = 9,   3·1 + 4·(-1) + 20 = 19, and the next layer's column of ones
    assert layer.forward(np.array([[1.0, -1, 1]]), training=True).tolist() == [[9, 19, 1]]


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
    layer = allocated_layer(Dropout(0.75, rng=np.random.default_rng(0)), inputs=1000, rows=100)
    values = layer.forward(np.full((100, 1001), 2.0), training=True)
    assert set(values[:, :-1].flat) == {0.0, 8.0}
    assert set(values[:, -1]) == {2.0}  # the next layer's bias column is unchanged
    # 100,000 draws: the share kept has a standard error of sqrt(3/16 / 100,000) = 0.0014
    assert abs((values[:, :-1] > 0).mean() - 0.25) < 4 * 0.0014


def test_dropout_mean() -> None:
    x = np.random.default_rng(1).normal(5, 1, (1000, 101))
    layer = allocated_layer(Dropout(0.2, rng=np.random.default_rng(0)), inputs=100, rows=1000)
    values = layer.forward(x.copy(), training=True)
    # the mask 1.25 · Bernoulli(0.8) has variance 1/4, and E[x²] = 26: sqrt(6.5 / 100,000) = 0.008
    assert abs(values[:, :-1].mean() - x[:, :-1].mean()) < 4 * 0.008


def test_dropout_outside_training() -> None:
    """Outside training dropout changes nothing and draws no numbers."""
    rng = np.random.default_rng(0)
    layer = allocated_layer(Dropout(0.5, rng=rng), inputs=3, rows=2)
    x, before = np.arange(8.0).reshape(2, 4), rng.bit_generator.state
    assert layer.forward(x, training=False) is x
    assert x.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert rng.bit_generator.state == before


# --- batch normalization ------------------------------------------------------------------


def test_batch_norm_by_hand() -> None:
    """1 and 3 are normalized to -1 and 1."""
    layer = allocated_layer(BatchNorm(0.9), inputs=1, rows=2)
    layer.parameters[:] = [[10], [5]]  # gamma, beta
    values = layer.forward(with_bias_column(np.array([[1.0], [3]])), training=True)
    # mean 2, variance 1: N = -1 and 1 but for the 1e-5 that is added to the variance
    np.testing.assert_allclose(values, [[-5, 1], [15, 1]], atol=1e-4)


def test_batch_norm_running_statistics() -> None:
    """The running statistics after two steps, worked out by hand."""
    layer = allocated_layer(BatchNorm(0.9), inputs=1, rows=2)
    layer.forward(with_bias_column(np.array([[1.0], [3]])), training=True)
    # mean 2, variance of a sample 2: 0.9·0 + 0.1·2 and 0.9·1 + 0.1·2
    np.testing.assert_allclose(layer.statistics, [[0.2], [1.1]], rtol=1e-15)
    layer.forward(with_bias_column(np.array([[4.0], [8]])), training=True)
    # mean 6, variance of a sample 8: 0.9·0.2 + 0.1·6 and 0.9·1.1 + 0.1·8
    np.testing.assert_allclose(layer.statistics, [[0.78], [1.79]], rtol=1e-15)


def test_batch_norm_outside_training() -> None:
    """Outside training the running statistics are used and not updated."""
    layer = allocated_layer(BatchNorm(0.9), inputs=2, rows=1)
    layer.parameters[:] = [[2, 3], [10, 20]]  # gamma, beta
    layer.statistics[:] = [[1.0, -1.0], [4 - 1e-5, 9 - 1e-5]]  # mean, variance
    values = layer.forward(np.array([[5.0, -7, 1]]), training=False)
    # 2·(5 - 1)/2 + 10 = 14,   3·(-7 + 1)/3 + 20 = 14
    np.testing.assert_allclose(values, [[14, 14, 1]], rtol=1e-15)
    assert layer.statistics.tolist() == [[1, -1], [4 - 1e-5, 9 - 1e-5]]


def test_batch_norm_single_row() -> None:
    """A constant feature in a single row is 0, with a finite gradient."""
    layer = allocated_layer(BatchNorm(0.9), inputs=2, rows=1)
    assert layer.forward(np.array([[5.0, -7, 1]]), training=True).tolist() == [[0, 0, 1]]
    assert np.isfinite(layer.backward(np.ones((1, 2)))).all()


# --- full networks ------------------------------------------------------------------------


def dropout() -> Layer:
    return SameMask(0.3, rng=np.random.default_rng())


def activation(name: str) -> Layer:
    return Activation(ACTIVATIONS[name])


@pytest.mark.parametrize(
    ("layers", "scale", "shift"),
    [
        pytest.param([Dense(3)], 1, 0, id="no hidden layer"),
        pytest.param([Dense(3)], 0.5, 0, id="no hidden layer, scaled"),
        pytest.param([Dense(5), activation("relu"), Dense(3)], 0.5, 0, id="one"),
        pytest.param(
            [Dense(5), activation("tanh"), Dense(4), activation("sigmoid"), Dense(3)],
            0.5,
            0.1,
            id="two",
        ),
        pytest.param(
            [
                *[Dense(6), BatchNorm(0.9), activation("leaky_relu"), dropout()],
                *[Dense(5), activation("relu"), BatchNorm(0.5)],
                *[BatchNorm(0.1), Dense(4), dropout(), activation("tanh")],
                Dense(3),
            ],
            0.5,
            0,
            id="three, everything mixed",
        ),
        pytest.param(
            [dropout(), Dense(5), activation("relu"), Dense(3)], 0.5, 0, id="dropout on pixels"
        ),
        pytest.param(
            [BatchNorm(0.9), Dense(5), activation("tanh"), Dense(3)], 0.5, 0, id="norm first"
        ),
        pytest.param(
            [
                activation("sigmoid"),
                dropout(),
                BatchNorm(0.9),
                Dense(5),
                activation("relu"),
                Dense(3),
            ],
            *(0.5, -0.1),
            id="layers before the first dense one",
        ),
    ],
)
def test_network_gradient(layers: Sequence[Layer], scale: float, shift: float) -> None:
    """The gradient of a full network with its loss and L2."""
    rng = np.random.default_rng(3)
    network = Network(4, layers, scale=scale, shift=shift, dtype=np.float64)
    network.parameters[:] += rng.normal(size=network.parameters.size)
    pixels, labels = rng.integers(-3, 4, (7, 4)), rng.integers(0, 3, 7)
    criterion = SoftmaxCrossEntropy(3, smoothing=0.1, dtype=np.float64)
    l2 = L2(0.01, network.is_weight)

    def loss() -> float:
        network.set_input(pixels)
        losses = criterion.forward(network.forward(training=True), labels)
        return float(losses.mean()) + l2.loss(network.parameters)

    loss()
    network.backward(criterion.backward(len(pixels)))
    l2.add_gradient(network.parameters, network.gradient)
    differences = central_differences(loss, network.parameters)
    assert 0 < relative_error(network.gradient, differences) < LIMIT
