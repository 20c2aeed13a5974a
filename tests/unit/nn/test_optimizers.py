"""Optimizers against steps worked out by hand and scikit-learn."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.helpers.optimizers import OPTIMIZERS, Make
from zoo.nn import optimizers
from zoo.nn.buffers import Array
from zoo.nn.optimizers import (
    SGD,
    Adam,
    AdamW,
    ExponentialMovingAverage,
    Momentum,
    Optimizer,
    RMSprop,
    clip_by_norm,
)


def steps(make: Make, gradients: Sequence[float]) -> list[float]:
    """Return the values of a parameter that starts at 1, at a learning rate of 0.1."""
    parameters = np.array([1.0])
    optimizer, path = make(parameters), []
    for number, gradient in enumerate(gradients, start=1):
        optimizer.step(np.array([gradient], np.float64), learning_rate=0.1, step=number)
        path.append(float(parameters[0]))
    return path


# --- by hand ------------------------------------------------------------------------------


def test_sgd_by_hand() -> None:
    assert steps(SGD, [1, -2, 5]) == pytest.approx([0.9, 1.1, 0.6], rel=1e-12)


def test_momentum_by_hand() -> None:
    # v = 1, then 1/2 + 1 = 3/2, then 3/4 + 0 = 3/4
    path = steps(lambda w: Momentum(w, momentum=0.5), [1, 1, 0])
    assert path == pytest.approx([0.9, 0.75, 0.675], rel=1e-12)


def test_nesterov_by_hand() -> None:
    # v as before; g + v/2 = 1 + 1/2, then 1 + 3/4, then 0 + 3/8
    path = steps(lambda w: Momentum(w, momentum=0.5, nesterov=True), [1, 1, 0])
    assert path == pytest.approx([0.85, 0.675, 0.6375], rel=1e-12)


def test_rmsprop_by_hand() -> None:
    # s = 3/4·0 + 1/4·4 = 1 and g / sqrt(s) = 2; then 3/4 + 1/4 = 1 and 1; then 3/4 + 1/4·9 = 3
    path = steps(lambda w: RMSprop(w, decay=0.75, epsilon=0), [2, 1, -3])
    assert path == pytest.approx([0.8, 0.7, 0.7 + 0.1 * math.sqrt(3)], rel=1e-12)


def test_adam_by_hand() -> None:
    """Both means are corrected for their start at zero."""
    # m = 1, s = 1, corrected 1 / (1/2) = 2 and 1 / (1/4) = 4: a step of 2/2
    # m = 1/2 + 1/2, s = 3/4 + 1/4, corrected 1 / (3/4) and 1 / (7/16): 4/3 · sqrt(7)/4
    # m = 1/2 - 1/2 = 0: no step
    path = steps(lambda w: Adam(w, beta1=0.5, beta2=0.75, epsilon=0), [2, 1, -1])
    second = 0.9 - 0.1 * math.sqrt(7) / 3
    assert path == pytest.approx([0.9, second, second], rel=1e-12)


def test_adamw_by_hand() -> None:
    """Weights decay before the step, and biases do not."""
    weight_and_bias = np.array([1.0, 1.0])
    optimizer = AdamW(
        weight_and_bias, decay=0.5, is_weight=np.array([1.0, 0.0]), beta1=0.5, beta2=0.75, epsilon=0
    )
    optimizer.step(np.array([2.0, 2.0]), learning_rate=0.1, step=1)
    # the weight decays to 0.95, then both make Adam's first step of 0.1
    np.testing.assert_allclose(weight_and_bias, [0.85, 0.9], rtol=1e-15)
    optimizer.step(np.array([1.0, 1.0]), learning_rate=0.1, step=2)
    second = 0.1 * math.sqrt(7) / 3
    np.testing.assert_allclose(weight_and_bias, [0.85 * 0.95 - second, 0.9 - second], rtol=1e-15)


def test_epsilon_by_hand() -> None:
    """Epsilon is added to the root."""
    # 2 / (1 + 1) of RMSprop; 2 / (2 + 2) of Adam: epsilon is added to the corrected root
    assert steps(lambda w: RMSprop(w, decay=0.75, epsilon=1), [2]) == pytest.approx([0.9])
    assert steps(lambda w: Adam(w, beta1=0.5, beta2=0.75, epsilon=2), [2]) == pytest.approx([0.95])


def test_clip() -> None:
    """A gradient longer than max_norm is scaled, and a shorter one is unchanged."""
    long, short = np.array([3.0, -4.0]), np.array([0.3, -0.4])
    clip_by_norm(long, max_norm=2.5)
    clip_by_norm(short, max_norm=2.5)
    assert long.tolist() == [1.5, -2.0]
    assert short.tolist() == [0.3, -0.4]


def test_average_by_hand() -> None:
    """The average's decay is smaller in the first steps."""
    weights = np.array([0.0, 1.0])
    average = ExponentialMovingAverage(weights, decay=0.25)
    weights[:] = [11, 2]
    average.update(step=1)  # decay 2/11: 9/11 of the new weights
    assert average.mean == pytest.approx([9, 1 + 9 / 11], rel=1e-12)
    weights[:] = [1, 0]
    average.update(step=100)  # decay 1/4, since 101/110 is more
    assert average.mean == pytest.approx([3, (1 + 9 / 11) / 4], rel=1e-12)


# --- scikit-learn and blocks --------------------------------------------------------------


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_sklearn(*, nesterov: bool) -> None:
    """Twenty steps along random gradients agree with scikit-learn."""
    from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

    weights = np.random.default_rng(0).normal(size=8)
    sklearn_weights = [weights.copy()]
    optimizer = Momentum(weights, momentum=0.9, nesterov=nesterov)
    sklearn_optimizer = SGDOptimizer(
        sklearn_weights, learning_rate_init=0.1, momentum=0.9, nesterov=nesterov
    )
    assert_same_steps(optimizer, weights, sklearn_optimizer, sklearn_weights)


def test_adam_sklearn() -> None:
    """Twenty steps along random gradients agree with scikit-learn."""
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

    weights = np.random.default_rng(0).normal(size=8)
    sklearn_weights = [weights.copy()]
    # scikit-learn adds its epsilon before the root is corrected, so both epsilons are 0
    optimizer = Adam(weights, beta1=0.8, beta2=0.99, epsilon=0)
    sklearn_optimizer = AdamOptimizer(
        sklearn_weights, learning_rate_init=0.1, beta_1=0.8, beta_2=0.99, epsilon=0
    )
    assert_same_steps(optimizer, weights, sklearn_optimizer, sklearn_weights)


def assert_same_steps(
    optimizer: Optimizer, weights: Array, sklearn_optimizer: Any, sklearn_weights: Sequence[Array]
) -> None:
    """Give both the same gradients and compare after every step."""
    rng = np.random.default_rng(1)
    for number in range(1, 21):
        gradient = rng.normal(size=8)
        sklearn_optimizer.update_params(sklearn_weights, [gradient.copy()])
        optimizer.step(gradient, learning_rate=0.1, step=number)
        np.testing.assert_allclose(weights, sklearn_weights[0], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", [*OPTIMIZERS, "average"])
def test_optimizer_in_blocks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vector that is cut into blocks has the same steps, bit for bit."""
    results = []
    for block_size in (8, 3):
        monkeypatch.setattr(optimizers, "BLOCK_SIZE", block_size)
        rng = np.random.default_rng(0)
        weights = rng.normal(size=8).astype(np.float32)
        average = ExponentialMovingAverage(weights, decay=0.9)
        make = OPTIMIZERS.get(name, OPTIMIZERS["momentum"])
        optimizer = make(weights)
        assert len(optimizer.blocks) == -(-8 // block_size)
        for number in range(1, 21):
            optimizer.step(rng.normal(size=8).astype(np.float32), learning_rate=0.1, step=number)
            average.update(step=number)
        results.append(average.mean.tobytes() if name == "average" else weights.tobytes())
    assert results[0] == results[1]


# --- state -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_resume(name: str) -> None:
    """A new optimizer with a copied state continues bit for bit."""
    make = OPTIMIZERS[name]
    gradients = np.random.default_rng(0).normal(size=(10, 8))
    uninterrupted = np.ones(8)
    optimizer = make(uninterrupted)
    for number, gradient in enumerate(gradients, start=1):
        if number == 6:
            resumed = uninterrupted.copy()
            fresh = make(resumed)
            for key, array in optimizer.state.items():
                fresh.state[key][:] = array
        optimizer.step(gradient.copy(), learning_rate=0.1, step=number)
    for number, gradient in enumerate(gradients[5:], start=6):
        fresh.step(gradient.copy(), learning_rate=0.1, step=number)
    assert resumed.tobytes() == uninterrupted.tobytes()
