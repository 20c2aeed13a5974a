"""float32 in a language that has none: what NumPy gives for it, to the last bit.

A sum, a product or a quotient of two float32 has its nearest float32 where Python's own result,
which has more than twice the digits, is rounded once more. Where a threshold decides, or a rounding
to whole pixels, the last bit can decide, and a bundle is to see what zoo sees.
"""

from __future__ import annotations

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LANES = 8  # sums that NumPy adds up side by side
BLOCK = 128  # numbers that it adds up so; of more it adds up the halves


def rounded(values: Iterable[float]) -> list[float]:
    """Return the nearest float32 of each."""
    return array("f", values).tolist()


def single(value: float) -> float:
    """Return the nearest float32."""
    return array("f", (value,))[0]


def total(values: Sequence[float]) -> float:
    """Return the sum of float32 as NumPy adds them up where they lie side by side."""
    count = len(values)
    if count < LANES:
        found = 0.0
        for value in values:
            found = single(found + value)
        return found
    if count <= BLOCK:
        lanes = list(values[:LANES])
        whole = count - count % LANES
        for start in range(LANES, whole, LANES):
            lanes = rounded(map(float.__add__, lanes, values[start : start + LANES]))
        while len(lanes) > 1:
            lanes = rounded(map(float.__add__, lanes[::2], lanes[1::2]))
        found = lanes[0]
        for value in values[whole:]:
            found = single(found + value)
        return found
    half = count // 2
    half -= half % LANES
    return single(total(values[:half]) + total(values[half:]))


def median(values: Iterable[float]) -> float:
    """Return what lies in the middle, or the mean of the two that do."""
    ranked = sorted(values)
    middle = len(ranked) // 2
    if len(ranked) % 2:
        return ranked[middle]
    return single(single(ranked[middle - 1] + ranked[middle]) / 2)


def ninetieth(values: Iterable[float]) -> float:
    """Return the ninetieth percentile, between two values on the line that joins them."""
    ranked = sorted(values)
    place = (len(ranked) - 1) * 0.9
    below = int(place)
    share = place - below
    if below + 1 >= len(ranked):
        return ranked[-1]
    apart = single(ranked[below + 1] - ranked[below])
    if share >= 0.5:
        return single(ranked[below + 1] - single(apart * single(1 - share)))
    return single(ranked[below] + single(apart * single(share)))
