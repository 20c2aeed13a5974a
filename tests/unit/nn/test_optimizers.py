"""Optimizers against steps worked out by hand and scikit-learn's."""

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
    """Return where a single parameter that starts at 1 goes, at a rate of 0.1."""
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
    """Both means are corrected for having started at zero."""
    # m = 1, s = 1, corrected 1 / (1/2) = 2 and 1 / (1/4) = 4: a step of 2/2
    # m = 1/2 + 1/2, s = 3/4 + 1/4, corrected 1 / (3/4) and 1 / (7/16): 4/3 · sqrt(7)/4
    # m = 1/2 - 1/2 = 0: no step
    path = steps(lambda w: Adam(w, beta1=0.5, beta2=0.75, epsilon=0), [2, 1, -1])
    second = 0.9 - 0.1 * math.sqrt(7) / 3
    assert path == pytest.approx([0.9, second, second], rel=1e-12)


def test_adamw_by_hand() -> None:
    """Weights shrink beforehand, and biases do not."""
    weight_and_bias = np.array([1.0, 1.0])
    optimizer = AdamW(
        weight_and_bias, decay=0.5, is_weight=np.array([1.0, 0.0]), beta1=0.5, beta2=0.75, epsilon=0
    )
    optimizer.step(np.array([2.0, 2.0]), learning_rate=0.1, step=1)
    # the weight shrinks to 0.95, then both make Adam's first step of 0.1
    np.testing.assert_allclose(weight_and_bias, [0.85, 0.9], rtol=1e-15)
    optimizer.step(np.array([1.0, 1.0]), learning_rate=0.1, step=2)
    second = 0.1 * math.sqrt(7) / 3
    np.testing.assert_allclose(weight_and_bias, [0.85 * 0.95 - second, 0.9 - second], rtol=1e-15)


def test_tiny_by_hand() -> None:
    """Tiny is added to the root."""
    # 2 / (1 + 1) of RMSprop; 2 / (2 + 2) of Adam: tiny joins the corrected root
    assert steps(lambda w: RMSprop(w, decay=0.75, epsilon=1), [2]) == pytest.approx([0.9])
    assert steps(lambda w: Adam(w, beta1=0.5, beta2=0.75, epsilon=2), [2]) == pytest.approx([0.95])


def test_clip() -> None:
    """A long gradient is shortened, and a short one stays."""
    long, short = np.array([3.0, -4.0]), np.array([0.3, -0.4])
    clip_by_norm(long, max_norm=2.5)
    clip_by_norm(short, max_norm=2.5)
    assert long.tolist() == [1.5, -2.0]
    assert short.tolist() == [0.3, -0.4]


def test_average_by_hand() -> None:
    """An average forgets its start soon, and then as slowly as its decay says."""
    weights = np.array([0.0, 1.0])
    average = ExponentialMovingAverage(weights, decay=0.25)
    weights[:] = [11, 2]
    average.update(step=1)  # decay 2/11: 9/11 of what is new
    assert average.mean == pytest.approx([9, 1 + 9 / 11], rel=1e-12)
    weights[:] = [1, 0]
    average.update(step=100)  # decay 1/4, since 101/110 is more
    assert average.mean == pytest.approx([3, (1 + 9 / 11) / 4], rel=1e-12)


# --- scikit-learn and pieces --------------------------------------------------------------


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_sklearn(*, nesterov: bool) -> None:
    """Twenty steps along random gradients are scikit-learn's."""
    from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

    ours = np.random.default_rng(0).normal(size=8)
    theirs = [ours.copy()]
    optimizer = Momentum(ours, momentum=0.9, nesterov=nesterov)
    other = SGDOptimizer(theirs, learning_rate_init=0.1, momentum=0.9, nesterov=nesterov)
    beside(optimizer, ours, other, theirs)


def test_adam_sklearn() -> None:
    """Twenty steps along random gradients are scikit-learn's."""
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

    ours = np.random.default_rng(0).normal(size=8)
    theirs = [ours.copy()]
    # scikit-learn adds its epsilon before the root is corrected, so both do without
    optimizer = Adam(ours, beta1=0.8, beta2=0.99, epsilon=0)
    other = AdamOptimizer(theirs, learning_rate_init=0.1, beta_1=0.8, beta_2=0.99, epsilon=0)
    beside(optimizer, ours, other, theirs)


def beside(optimizer: Optimizer, ours: Array, other: Any, theirs: Sequence[Array]) -> None:
    """Give both the same gradients and compare after every step."""
    rng = np.random.default_rng(1)
    for number in range(1, 21):
        gradient = rng.normal(size=8)
        other.update_params(theirs, [gradient.copy()])
        optimizer.step(gradient, learning_rate=0.1, step=number)
        np.testing.assert_allclose(ours, theirs[0], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", [*OPTIMIZERS, "average"])
def test_optimizer_in_pieces(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vector that is cut into pieces takes the same steps bit for bit."""
    reached = []
    for piece in (8, 3):
        monkeypatch.setattr(optimizers, "BLOCK_SIZE", piece)
        rng = np.random.default_rng(0)
        weights = rng.normal(size=8).astype(np.float32)
        average = ExponentialMovingAverage(weights, decay=0.9)
        make = OPTIMIZERS.get(name, OPTIMIZERS["momentum"])
        optimizer = make(weights)
        assert len(optimizer.blocks) == -(-8 // piece)
        for number in range(1, 21):
            optimizer.step(rng.normal(size=8).astype(np.float32), learning_rate=0.1, step=number)
            average.update(step=number)
        reached.append(average.mean.tobytes() if name == "average" else weights.tobytes())
    assert reached[0] == reached[1]


# --- memory -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_resume(name: str) -> None:
    """A fresh optimizer with the memory copied goes on bit for bit."""
    make = OPTIMIZERS[name]
    gradients = np.random.default_rng(0).normal(size=(10, 8))
    whole = np.ones(8)
    optimizer = make(whole)
    for number, gradient in enumerate(gradients, start=1):
        if number == 6:
            resumed = whole.copy()
            fresh = make(resumed)
            for key, held in optimizer.state.items():
                fresh.state[key][:] = held
        optimizer.step(gradient.copy(), learning_rate=0.1, step=number)
    for number, gradient in enumerate(gradients[5:], start=6):
        fresh.step(gradient.copy(), learning_rate=0.1, step=number)
    assert resumed.tobytes() == whole.tobytes()
