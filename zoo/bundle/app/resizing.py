"""Pictures in another size, as Pillow makes them: every number is a mean of those around it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Grid = list[list[float]]  # rows of float32
Curve = tuple["Callable[[float], float]", float]  # a weight by distance, and how far it reaches
Shares = list[tuple[int, list[float]]]  # for each new pixel the first old one, and their weights


def _box(x: float) -> float:
    return 1.0 if -0.5 < x <= 0.5 else 0.0  # noqa: PLR2004 - half a pixel


def _line(x: float) -> float:
    return max(1 - abs(x), 0.0)


def _cubic(x: float) -> float:
    x = abs(x)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    if x < 2:  # noqa: PLR2004 - where the curve ends
        return (((x - 5) * x + 8) * x - 4) * -0.5
    return 0.0


BOX: Curve = (_box, 0.5)
LINE: Curve = (_line, 1.0)
CUBIC: Curve = (_cubic, 2.0)


def resize(grid: Grid, rows: int, columns: int, curve: Curve) -> Grid:
    """Return the picture with so many rows and columns."""
    if columns != len(grid[0]):
        shares = _shares(len(grid[0]), columns, curve)
        grid = [array("f", _means(row, shares)).tolist() for row in grid]
    if rows != len(grid):
        made = []
        for first, weights in _shares(len(grid), rows, curve):
            sums = [0.0] * len(grid[0])
            for weight, row in zip(weights, grid[first:]):
                sums = [found + value * weight for found, value in zip(sums, row)]
            made.append(array("f", sums).tolist())
        grid = made
    return grid


def _means(row: list[float], shares: Shares) -> list[float]:
    found = []
    for first, weights in shares:
        mean = 0.0
        for place, weight in enumerate(weights, first):
            mean += row[place] * weight
        found.append(mean)
    return found


def _shares(old: int, new: int, curve: Curve) -> Shares:
    weigh, reach = curve
    scale = old / new
    wide = max(scale, 1.0)
    found = []
    for place in range(new):
        centre = (place + 0.5) * scale
        first = max(int(centre - reach * wide + 0.5), 0)
        last = min(int(centre + reach * wide + 0.5), old)
        weights = [weigh((one - centre + 0.5) * (1.0 / wide)) for one in range(first, last)]
        sum_ = 0.0
        for weight in weights:
            sum_ += weight
        found.append((first, [weight / sum_ for weight in weights]))
    return found


def reduce(rows: list[bytes], factor: int) -> list[bytes]:
    """Return grey bytes averaged over squares of so many pixels; at the edges they are smaller."""
    made = []
    for top in range(0, len(rows), factor):
        strip = rows[top : top + factor]
        sums = [sum(column) for column in zip(*strip)]
        line = bytearray()
        for left in range(0, len(sums), factor):
            part = sums[left : left + factor]
            count = len(strip) * len(part)
            line.append((sum(part) + count // 2) * _reciprocal(count) >> 24)
        made.append(bytes(line))
    return made


def _reciprocal(count: int) -> int:
    """Return 2^24 / count as Pillow has it, in float32."""
    return int(array("f", (2**32 / (256 * count),))[0])


def reduce_wide(rows: Grid, factor: int) -> Grid:
    """Return the same of numbers that fit no byte."""
    made = []
    for top in range(0, len(rows), factor):
        strip = rows[top : top + factor]
        sums = [sum(column) for column in zip(*strip)]
        line = []
        for left in range(0, len(sums), factor):
            part = sums[left : left + factor]
            line.append(sum(part) * (1.0 / (len(strip) * len(part))))
        made.append(array("f", line).tolist())
    return made


def blocks(grid: Grid, factor: int) -> Grid:
    """Return the means of whole squares; what is left over at the edges is left out."""
    down, right = min(factor, len(grid)), min(factor, len(grid[0]))
    made = []
    for top in range(0, len(grid) - down + 1, down):
        sums = [sum(column) for column in zip(*grid[top : top + down])]
        starts = range(0, len(sums) - right + 1, right)
        made.append(
            array("f", [sum(sums[at : at + right]) / (down * right) for at in starts]).tolist()
        )
    return made
