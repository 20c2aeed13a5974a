"""Learning-rate schedules against numbers worked out by hand."""

import math

import numpy as np
import pytest

from zoo.nn.schedules import (
    constant,
    cosine_decay,
    exponential_decay,
    step_decay,
    warm_up,
)

ALL = {
    "constant": constant(0.1),
    "step": step_decay(0.1, every=10, factor=0.5),
    "exponential": exponential_decay(0.1, factor=0.9),
    "cosine": cosine_decay(0.1, epochs=30),
}


def test_constant() -> None:
    rate = constant(0.3)
    assert [rate(epoch) for epoch in (0, 0.5, 1000)] == [0.3, 0.3, 0.3]


def test_step_decay_at_the_boundary() -> None:
    """The rate halves at epoch 10, not one later."""
    rate = step_decay(0.1, every=10, factor=0.5)
    assert [rate(epoch) for epoch in (0, 9, 10, 20)] == [0.1, 0.1, 0.05, 0.025]


def test_step_decay_within_an_epoch() -> None:
    """The rate does not change within an epoch."""
    rate = step_decay(0.1, every=10, factor=0.5)
    assert [rate(epoch) for epoch in (9.99, 10.01, 19.99)] == [0.1, 0.05, 0.05]


def test_exponential_decay() -> None:
    """The factor applies over every epoch, a little at each step."""
    rate = exponential_decay(0.8, factor=0.25)
    # half an epoch takes the root of the factor
    assert [rate(epoch) for epoch in (0, 0.5, 1, 2)] == pytest.approx([0.8, 0.4, 0.2, 0.05])


def test_cosine_decay() -> None:
    """The rate is three quarters of its start after a third of the epochs."""
    rate = cosine_decay(0.8, epochs=30)
    # cos 0°, 60°, 90°, 120°, 180°: (1 + 1)/2, (1 + 1/2)/2, 1/2, (1 - 1/2)/2, 0
    rates = [rate(epoch) for epoch in (0, 10, 15, 20, 30)]
    assert rates == pytest.approx([0.8, 0.6, 0.4, 0.2, 0])


def test_cosine_decay_after_its_end() -> None:
    assert cosine_decay(0.8, epochs=30)(45) == 0


@pytest.mark.parametrize("name", ALL)
def test_warm_up(name: str) -> None:
    """A warm-up rises linearly, and then the schedule begins."""
    schedule = ALL[name]
    rate = warm_up(schedule, epochs=4)
    assert [rate(epoch) for epoch in (0, 1, 2, 3)] == pytest.approx([0, 0.025, 0.05, 0.075])
    assert [rate(4 + epoch) for epoch in (0, 9, 10, 12.5)] == [
        schedule(epoch) for epoch in (0, 9, 10, 12.5)
    ]


@pytest.mark.parametrize("name", ["constant", "exponential", "cosine"])
@pytest.mark.parametrize("warming", [0, 4])
def test_schedule_continuous(name: str, warming: int) -> None:
    """The rate never jumps."""
    rate = warm_up(ALL[name], epochs=warming) if warming else ALL[name]
    rates = np.array([rate(epoch) for epoch in np.linspace(0, 40, 40_001)])
    # the warm-up is steepest: 0.1 in 4 epochs of 1,000 points each
    assert np.abs(np.diff(rates)).max() <= 0.1 / 4_000 * (1 + 1e-9)


def test_schedule_without_state() -> None:
    """A schedule is a function of the epoch and nothing else."""
    rate = warm_up(cosine_decay(0.1, epochs=10), epochs=2)
    forward = [rate(epoch) for epoch in range(12)]
    backward = [rate(epoch) for epoch in reversed(range(12))]
    assert forward == backward[::-1]
    assert math.isclose(max(forward), 0.1)
