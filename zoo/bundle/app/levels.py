"""Grey levels: thresholds, and statistics of a list of levels."""

from __future__ import annotations

from .constants import GREY_BINS
from .float32 import median, rounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def minus(values: Iterable[float], amount: float) -> list[float]:
    """Return each value minus an amount."""
    return rounded(value - amount for value in values)


def fraction(conditions: Iterable[bool]) -> float:
    """Return the fraction of conditions that are true."""
    results = list(conditions)
    return sum(results) / len(results)


def mode(values: Sequence[float]) -> float:
    """Return the most frequent level: the median of the values around the fullest bin."""
    bins = [min(max(int(value * GREY_BINS), 0), GREY_BINS - 1) for value in values]
    counts = [0] * (GREY_BINS + 2)
    for bin_ in bins:
        counts[bin_ + 1] += 1
    neighbour_sums = [sum(counts[index : index + 3]) for index in range(GREY_BINS)]
    fullest = neighbour_sums.index(max(neighbour_sums))
    return median(value for value, bin_ in zip(values, bins) if abs(bin_ - fullest) <= 1)
