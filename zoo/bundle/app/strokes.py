"""Measuring and redrawing of stroke widths, as in zoo/data/images/strokes.py."""

from __future__ import annotations

from math import ceil, hypot, inf, sqrt

from .constants import BLOB, SLOPE, SLOPE_STEPS
from .float32 import median, rounded, single, total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .resize import Grid
    from .segmentation import Mask


def padded(mask: Mask, pad: int) -> Mask:
    """Return the mask with a border of `pad` unset pixels."""
    side = [False] * pad
    empty = [False] * (len(mask[0]) + 2 * pad)
    return [empty] * pad + [side + row + side for row in mask] + [empty] * pad


def edge_distances(mask: Mask) -> Grid:
    """Return the Euclidean distance of each set pixel from the nearest unset one.

    The squared distance within the column comes first. The distance in two dimensions is then the
    lower envelope of one parabola per pixel of the row, within each run of set pixels.
    """
    squares = zip(*(_column_distances(column) for column in zip(*mask)))
    distances = []
    for line in squares:
        row = [0.0] * len(line)
        start = 0
        for index, square in enumerate(line):
            if not square:
                if index > start + 1:
                    nearest = _lower_envelope(line[start : index + 1])[1:-1]
                    row[start + 1 : index] = rounded(map(sqrt, nearest))
                start = index
        distances.append(row)
    return distances


def _column_distances(column: tuple[bool, ...]) -> list[int]:
    """Return the squared distance of each pixel from the nearest unset one in its column."""
    distances = []
    distance = 0
    for is_set in column:
        distance = distance + 1 if is_set else 0
        distances.append(distance)
    distance = 0
    for index in range(len(column) - 1, -1, -1):
        distance = min(distance + 1, distances[index])
        distances[index] = distance * distance
    return distances


def _lower_envelope(heights: tuple[int, ...]) -> list[int]:
    """Return the lower envelope of the parabolas (Felzenszwalb and Huttenlocher 2012)."""
    vertices, starts = [0], [-inf]  # the parabolas of the envelope, and where each begins
    for x in range(1, len(heights)):
        height = heights[x] + x * x
        while True:
            last = vertices[-1]
            crossing = (height - heights[last] - last * last) / (2 * (x - last))
            if crossing > starts[-1]:
                break
            vertices.pop()
            starts.pop()
        vertices.append(x)
        starts.append(crossing)
    starts.append(inf)
    envelope = []
    number = 0
    for x in range(len(heights)):
        while starts[number + 1] < x:
            number += 1
        envelope.append(heights[vertices[number]] + (x - vertices[number]) ** 2)
    return envelope


def stroke_width(mask: Mask) -> float:
    """Return the mean width of the strokes: four times the mean distance from the edge."""
    inside = [depth for row in edge_distances(padded(mask, 1)) for depth in row if depth]
    return 4 * single(single(total(inside) / len(inside)) - 0.5)


def redrawn(strokes: Mask, *, width: float) -> Mask:
    """Return the strokes redrawn with this width along their centre lines.

    A disc is drawn around each point of the centre line, a larger one where a loop is filled in.
    """
    inside = edge_distances(padded(strokes, ceil(width / 2) + 2))
    centre_line = _centre_line(inside)
    half = median(depth for _, _, depth in centre_line)
    thick = single(single(BLOB) * half)
    radius = single(width / 2)
    rows, columns = len(inside), len(inside[0])
    # For each pixel the highest disc in its column with its centre there: half its height, squared.
    highest = [[0.0] * columns for _ in range(rows)]
    for y, x, depth in centre_line:
        (disc_radius,) = rounded((max(single(depth - thick), 0.0) + radius,))
        square = single(disc_radius * disc_radius)
        line = highest[y]
        step = 0
        while step * step < square:
            rest = square - step * step
            for column in {x - step, x + step}:
                if 0 <= column < columns and line[column] < rest:
                    line[column] = rest
            step += 1
    mask = [[False] * columns for _ in range(rows)]
    for x in range(columns):
        _fill_column(highest, mask, x)
    return mask


def _fill_column(highest: Grid, mask: Mask, x: int) -> None:
    """Set the pixels of a column that lie within the discs that reach into it."""
    for y, line in enumerate(highest):
        if line[x] > 0:
            step = ceil(sqrt(line[x])) - 1
            while step * step < line[x]:
                step += 1  # ends one beyond the last step within the disc
            for row in range(max(y - step + 1, 0), min(y + step, len(highest))):
                mask[row][x] = True


def _centre_line(inside: Grid) -> list[tuple[int, int, float]]:
    """Return (row, column, distance) of the ridges, where no step leads much further inside."""
    rows, columns = len(inside), len(inside[0])
    rises = [
        (sign * down, sign * right, single(SLOPE * hypot(down, right)))
        for down, right in SLOPE_STEPS
        for sign in (1, -1)
    ]
    sums: dict[float, list[tuple[int, int, float]]] = {}
    ridges = []
    for y, line in enumerate(inside):
        for x, depth in enumerate(line):
            if not depth:
                continue
            if depth not in sums:
                sums[depth] = [(dy, dx, single(depth + rise)) for dy, dx, rise in rises]
            for dy, dx, limit in sums[depth]:
                row, column = y + dy, x + dx
                if 0 <= row < rows and 0 <= column < columns and inside[row][column] >= limit:
                    break
            else:
                ridges.append((y, x, depth))
    return ridges
