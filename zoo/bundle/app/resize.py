"""Resizing with Pillow's filters: each new value is a weighted mean of its neighbours."""

from __future__ import annotations

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Grid = list[list[float]]  # rows of float32
    Curve = tuple[Callable[[float], float], float]  # the weight by distance, and its support
    # For each new pixel the first old one, and the weights from it on.
    Weights = list[tuple[int, list[float]]]


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


BOX_CURVE: Curve = (_box, 0.5)
LINE_CURVE: Curve = (_line, 1.0)
CUBIC_CURVE: Curve = (_cubic, 2.0)


def resize(grid: Grid, rows: int, columns: int, curve: Curve) -> Grid:
    """Return the image resized to rows x columns.

    Each axis is rounded to float32, so their order changes the last bit. As in Pillow from version
    13 on, the rows come first if far more of them than of the columns are lost.
    """
    lost = len(grid) - rows
    if lost > 0 and lost > 2 * (len(grid[0]) - columns):
        return _resize_columns(_resize_rows(grid, rows, curve), columns, curve)
    return _resize_rows(_resize_columns(grid, columns, curve), rows, curve)


def _resize_columns(grid: Grid, columns: int, curve: Curve) -> Grid:
    if columns == len(grid[0]):
        return grid
    weights = _weights(len(grid[0]), columns, curve)
    return [array("f", _weighted_means(row, weights)).tolist() for row in grid]


def _resize_rows(grid: Grid, rows: int, curve: Curve) -> Grid:
    if rows == len(grid):
        return grid
    lines = []
    for first, weights in _weights(len(grid), rows, curve):
        sums = [0.0] * len(grid[0])
        for weight, row in zip(weights, grid[first:]):
            sums = [sum_ + value * weight for sum_, value in zip(sums, row)]
        lines.append(array("f", sums).tolist())
    return lines


def _weighted_means(row: list[float], weights: Weights) -> list[float]:
    means = []
    for first, row_weights in weights:
        mean = 0.0
        for index, weight in enumerate(row_weights, first):
            mean += row[index] * weight
        means.append(mean)
    return means


def _weights(old: int, new: int, curve: Curve) -> Weights:
    weigh, support = curve
    scale = old / new
    stretch = max(scale, 1.0)
    result = []
    for index in range(new):
        centre = (index + 0.5) * scale
        first = max(int(centre - support * stretch + 0.5), 0)
        last = min(int(centre + support * stretch + 0.5), old)
        weights = [
            weigh((position - centre + 0.5) * (1.0 / stretch)) for position in range(first, last)
        ]
        sum_ = 0.0
        for weight in weights:
            sum_ += weight
        result.append((first, [weight / sum_ for weight in weights]))
    return result
