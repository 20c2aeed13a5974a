"""Learning-rate schedules: pure functions from completed epochs to the learning rate.

Epochs are fractional: after 30 of 60 steps of the third epoch they are 2.5. In full-batch training
an epoch is one iteration.
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def constant(learning_rate: float) -> Schedule:
    """Return a schedule that keeps the learning rate."""
    return lambda _epoch: learning_rate


def step_decay(learning_rate: float, *, every: int, factor: float) -> Schedule:
    """Multiply the learning rate by `factor` once every `every` epochs, counted from 0."""
    return lambda epoch: learning_rate * factor ** (epoch // every)


def exponential_decay(learning_rate: float, *, factor: float) -> Schedule:
    """Multiply the learning rate by `factor` over every epoch, a little at each step."""
    return lambda epoch: learning_rate * factor**epoch


def cosine_decay(learning_rate: float, *, epochs: float) -> Schedule:
    """Decrease the learning rate along half a cosine, to 0 at `epochs`."""
    return lambda epoch: learning_rate * 0.5 * (1 + math.cos(math.pi * min(epoch / epochs, 1)))


def warm_up(schedule: Schedule, *, epochs: float) -> Schedule:
    """Increase the learning rate linearly from 0 to the schedule's start, then follow it."""
    start = schedule(0)
    return lambda epoch: start * epoch / epochs if epoch < epochs else schedule(epoch - epochs)
