"""Pictures in another size, as Pillow makes them: every number is a mean of those around it."""

from __future__ import annotations

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Grid = list[list[float]]  # rows of float32
    Curve = tuple[Callable[[float], float], float]  # a weight by distance, and how far it reaches
    Shares = list[
        tuple[int, list[float]]
    ]  # for each new pixel the first old one, and their weights


def _box(x: float) -> float:
    return 1.0 if -0.5 < x <= 0.5 else 0.0


def _line(x: float) -> float:
    return max(1 - abs(x), 0.0)


def _cubic(x: float) -> float:
    x = abs(x)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    if x < 2:
        return (((x - 5) * x + 8) * x - 4) * -0.5
    return 0.0


BOX: Curve = (_box, 0.5)
LINE: Curve = (_line, 1.0)
CUBIC: Curve = (_cubic, 2.0)


def resize(grid: Grid, rows: int, columns: int, curve: Curve) -> Grid:
    """Return the picture with so many rows and columns.

    Each way is rounded to float32, so the order tells in the last bit: as Pillow does from version
    13 on, what loses far more rows than columns loses the rows first.
    """
    lost = len(grid) - rows
    if lost > 0 and lost > 2 * (len(grid[0]) - columns):
        return _across(_down(grid, rows, curve), columns, curve)
    return _down(_across(grid, columns, curve), rows, curve)


def _across(grid: Grid, columns: int, curve: Curve) -> Grid:
    if columns == len(grid[0]):
        return grid
    shares = _shares(len(grid[0]), columns, curve)
    return [array("f", _means(row, shares)).tolist() for row in grid]


def _down(grid: Grid, rows: int, curve: Curve) -> Grid:
    if rows == len(grid):
        return grid
    made = []
    for first, weights in _shares(len(grid), rows, curve):
        sums = [0.0] * len(grid[0])
        for weight, row in zip(weights, grid[first:]):
            sums = [found + value * weight for found, value in zip(sums, row)]
        made.append(array("f", sums).tolist())
    return made


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
