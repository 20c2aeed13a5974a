"""Initializers: ranges, moments and the order of draws."""

import math

import numpy as np
import pytest

from zoo.nn import initializers
from zoo.nn.activations import relu
from zoo.nn.initializers import Initializer
from zoo.nn.layers import Activation, Dense
from zoo.nn.network import Network

UNITS, INPUTS = 200, 300  # 60,000 draws


def test_zeros() -> None:
    """Zeros draw no random numbers."""
    rng = np.random.default_rng(0)
    assert initializers.zeros(rng, 2, 3).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert rng.random() == np.random.default_rng(0).random()


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [
        pytest.param(initializers.uniform(-0.5, 0.5), 1 / 12, id="uniform"),
        pytest.param(initializers.uniform(2, 5), 9 / 12, id="uniform off the centre"),
        pytest.param(initializers.normal(0.01), 1e-4, id="normal"),
        pytest.param(initializers.he, 2 / INPUTS, id="he"),
        pytest.param(initializers.glorot, 2 / (INPUTS + UNITS), id="glorot"),
    ],
)
def test_initializer_variance(initializer: Initializer, variance: float) -> None:
    values = initializer(np.random.default_rng(0), UNITS, INPUTS)
    assert values.shape == (UNITS, INPUTS)
    # a normal sample's variance has a relative standard error of sqrt(2 / n); a uniform one's less
    assert values.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / values.size))


@pytest.mark.parametrize(
    ("initializer", "mean", "std"),
    [
        pytest.param(initializers.uniform(2, 5), 3.5, math.sqrt(9 / 12), id="uniform"),
        pytest.param(initializers.normal(0.01), 0, 0.01, id="normal"),
        pytest.param(initializers.he, 0, math.sqrt(2 / INPUTS), id="he"),
        pytest.param(initializers.glorot, 0, math.sqrt(2 / (INPUTS + UNITS)), id="glorot"),
    ],
)
def test_initializer_mean(initializer: Initializer, mean: float, std: float) -> None:
    values = initializer(np.random.default_rng(1), UNITS, INPUTS)
    assert abs(values.mean() - mean) < 4 * std / math.sqrt(values.size)


@pytest.mark.parametrize(
    ("initializer", "low", "high"),
    [
        pytest.param(initializers.uniform(-0.5, 0.5), -0.5, 0.5, id="uniform"),
        pytest.param(initializers.uniform(2, 5), 2, 5, id="uniform off the centre"),
        # 6 / (300 + 200) = 0.012
        pytest.param(initializers.glorot, -math.sqrt(0.012), math.sqrt(0.012), id="glorot"),
    ],
)
def test_initializer_range(initializer: Initializer, low: float, high: float) -> None:
    """Values stay in the range and fill it."""
    values = initializer(np.random.default_rng(0), UNITS, INPUTS)
    assert low <= values.min() < low + 0.001 * (high - low)
    assert high - 0.001 * (high - low) < values.max() < high


@pytest.mark.parametrize("initializer", [initializers.normal(0.01), initializers.he])
def test_initializer_normal_shares(initializer: Initializer) -> None:
    """Of a normal sample, 68.27 % lie within one deviation."""
    values = initializer(np.random.default_rng(0), UNITS, INPUTS)
    within_one = (np.abs(values) < values.std()).mean()
    assert within_one == pytest.approx(0.6827, abs=4 * math.sqrt(0.6827 * 0.3173 / values.size))


def test_initialize_order_of_draws() -> None:
    """Weights and biases are drawn from one rng in the order W1, b1, W2, b2."""
    network = Network([Dense(4, 3), Activation(relu), Dense(3, 2)], dtype=np.float64)
    network.initialize(
        np.random.default_rng(5),
        weights=initializers.normal(0.1),
        biases=initializers.uniform(-1, 1),
    )
    rng = np.random.default_rng(5)
    expected = {
        "W1": 0.1 * rng.standard_normal((3, 4)),
        "b1": rng.uniform(-1, 1, 3),
        "W2": 0.1 * rng.standard_normal((2, 3)),
        "b2": rng.uniform(-1, 1, 2),
    }
    arrays = {name: array.tolist() for name, array in network.named_arrays()}
    assert arrays == {name: array.tolist() for name, array in expected.items()}


def test_initialize_float32_and_float64() -> None:
    """Networks of both dtypes start from the same numbers."""

    def initialized(dtype: type) -> Network:
        network = Network([Dense(4, 3), Activation(relu), Dense(3, 2)], dtype=dtype)
        network.initialize(
            np.random.default_rng(5), weights=initializers.he, biases=initializers.zeros
        )
        return network

    single, double = initialized(np.float32).parameters, initialized(np.float64).parameters
    assert [single.dtype.name, double.dtype.name] == ["float32", "float64"]
    assert single.tobytes() == double.astype(np.float32).tobytes()
