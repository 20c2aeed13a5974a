"""How the learning rate changes: a schedule is a pure function of the epochs done so far.

In the middle of an epoch that is a fraction: after 30 of 60 steps of the third epoch it is 2.5.
When the whole training set is one batch, an epoch is one iteration.
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def constant(rate: float) -> Schedule:
    """Keep the rate."""
    return lambda _epoch: rate


def step_decay(rate: float, *, every: int, factor: float) -> Schedule:
    """Multiply the rate by `factor` once every `every` epochs, counted from 0."""
    return lambda epoch: rate * factor ** (epoch // every)


def exponential_decay(rate: float, *, factor: float) -> Schedule:
    """Multiply the rate by `factor` over every epoch, a little at each step."""
    return lambda epoch: rate * factor**epoch


def cosine_decay(rate: float, *, epochs: float) -> Schedule:
    """Let the rate fall along half a cosine, from `rate` to 0 at `epochs`."""
    return lambda epoch: rate * 0.5 * (1 + math.cos(math.pi * min(epoch / epochs, 1)))


def warm_up(schedule: Schedule, *, epochs: float) -> Schedule:
    """Climb in a straight line from 0 to the schedule's start, which then begins."""
    start = schedule(0)
    return lambda epoch: start * epoch / epochs if epoch < epochs else schedule(epoch - epochs)
