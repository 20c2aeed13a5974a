"""Grey levels: the thresholds, the most frequent level and the fraction beyond a threshold."""

from __future__ import annotations

from .float32 import median, rounded, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FAR, FAINTEST, HALF = map(single, (0.2, 0.04, 0.5))


def less(values: Iterable[float], amount: float) -> list[float]:
    """Return the values, each less by an amount."""
    return rounded(value - amount for value in values)


def share(found: Iterable[bool]) -> float:
    """Return how many of the answers are yes, from 0 to 1."""
    answers = list(found)
    return sum(answers) / len(answers)


def mode(values: Sequence[float]) -> float:
    """Return the most usual value: the median of those around the fullest of 64 bins."""
    bins = [min(max(int(value * 64), 0), 63) for value in values]
    counts = [0] * 66
    for one in bins:
        counts[one + 1] += 1
    around = [sum(counts[place : place + 3]) for place in range(64)]
    fullest = around.index(max(around))
    return median(value for value, one in zip(values, bins) if abs(one - fullest) <= 1)
