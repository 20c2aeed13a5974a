"""float32 arithmetic in plain Python, equal to NumPy's to the last bit.

Python computes in float64, which has more than twice the digits, so the sum, product or quotient of
two float32 rounded once more is the nearest float32. A threshold or a rounding to whole pixels can
depend on the last bit, and a bundle must see the same image as zoo.
"""

from __future__ import annotations

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LANES = 8  # partial sums that NumPy accumulates in parallel
BLOCK = 128  # NumPy sums up to 128 values this way; it splits longer arrays in halves


def rounded(values: Iterable[float]) -> list[float]:
    """Return the nearest float32 of each value."""
    return array("f", values).tolist()


def single(value: float) -> float:
    """Return the nearest float32."""
    return array("f", (value,))[0]


def total(values: Sequence[float]) -> float:
    """Return the float32 sum in the order of NumPy's pairwise summation of contiguous values."""
    count = len(values)
    if count < LANES:
        result = 0.0
        for value in values:
            result = single(result + value)
        return result
    if count <= BLOCK:
        lanes = list(values[:LANES])
        end = count - count % LANES
        for start in range(LANES, end, LANES):
            lanes = rounded(map(float.__add__, lanes, values[start : start + LANES]))
        while len(lanes) > 1:
            lanes = rounded(map(float.__add__, lanes[::2], lanes[1::2]))
        result = lanes[0]
        for value in values[end:]:
            result = single(result + value)
        return result
    half = count // 2
    half -= half % LANES
    return single(total(values[:half]) + total(values[half:]))


def median(values: Iterable[float]) -> float:
    """Return the median."""
    ranked = sorted(values)
    middle = len(ranked) // 2
    if len(ranked) % 2:
        return ranked[middle]
    return single(single(ranked[middle - 1] + ranked[middle]) / 2)


def percentile(values: Iterable[float], percent: int) -> float:
    """Return a percentile, with linear interpolation."""
    ranked = sorted(values)
    position = (len(ranked) - 1) * (percent / 100)
    below = int(position)
    weight = position - below
    if below + 1 >= len(ranked):
        return ranked[-1]
    step = single(ranked[below + 1] - ranked[below])
    if weight >= 0.5:
        return single(ranked[below + 1] - single(step * single(1 - weight)))
    return single(ranked[below] + single(step * single(weight)))
