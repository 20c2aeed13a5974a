"""Stroke widths, and strokes redrawn wider or narrower, as in zoo/data/images/strokes.py."""

from __future__ import annotations

from math import ceil, hypot, inf, sqrt

from .float32 import median, rounded, single, total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .resize import Grid
    from .segmentation import Mask

BLOB, SLOPE = single(1.3), 0.45
DIRECTIONS = ((0, 2), (2, 0), (2, 2), (2, -2), (0, 1), (1, 0))


def padded(mask: Mask, pad: int) -> Mask:
    """Return the mask with so many pixels that are not set around it."""
    side = [False] * pad
    empty = [False] * (len(mask[0]) + 2 * pad)
    return [empty] * pad + [side + row + side for row in mask] + [empty] * pad


def depths(mask: Mask) -> Grid:
    """Return how far each pixel that is set is from the nearest one that is not.

    First the nearest in its column, then by Pythagoras the nearest in all: that is the lowest, at
    each pixel, of the parabolas that open up from those in its row, within a run of set ones.
    """
    squares = zip(*(_along(column) for column in zip(*mask)))
    found = []
    for line in squares:
        row = [0.0] * len(line)
        start = 0
        for place, square in enumerate(line):
            if not square:
                if place > start + 1:
                    nearest = _lowest(line[start : place + 1])[1:-1]
                    row[start + 1 : place] = rounded(map(sqrt, nearest))
                start = place
        found.append(row)
    return found


def _along(column: tuple[bool, ...]) -> list[int]:
    """Return how far each pixel of a column is from one in it that is not set, squared."""
    found = []
    depth = 0
    for is_set in column:
        depth = depth + 1 if is_set else 0
        found.append(depth)
    depth = 0
    for place in range(len(column) - 1, -1, -1):
        depth = min(depth + 1, found[place])
        found[place] = depth * depth
    return found


def _lowest(heights: tuple[int, ...]) -> list[int]:
    """Return the lowest parabola at each place (Felzenszwalb and Huttenlocher 2012)."""
    lowest, begins = [0], [-inf]  # those that are the lowest somewhere, and from where on
    for place in range(1, len(heights)):
        own = heights[place] + place * place
        while True:
            other = lowest[-1]
            meet = (own - heights[other] - other * other) / (2 * (place - other))
            if meet > begins[-1]:
                break
            lowest.pop()
            begins.pop()
        lowest.append(place)
        begins.append(meet)
    begins.append(inf)
    found = []
    number = 0
    for place in range(len(heights)):
        while begins[number + 1] < place:
            number += 1
        found.append(heights[lowest[number]] + (place - lowest[number]) ** 2)
    return found


def width_of(mask: Mask) -> float:
    """Return the width of the strokes: four times the mean distance from a stroke's edge."""
    inside = [depth for row in depths(padded(mask, 1)) for depth in row if depth]
    return 4 * single(single(total(inside) / len(inside)) - 0.5)


def redrawn(mask: Mask, *, width: float) -> Mask:
    """Return the strokes drawn along their middles anew, so wide.

    A disc goes around every point of the middle, larger where a loop has run full.
    """
    inside = depths(padded(mask, ceil(width / 2) + 2))
    middle = _middle(inside)
    half = median(depth for _, _, depth in middle)
    thick = single(BLOB * half)
    radius = single(width / 2)
    rows, columns = len(inside), len(inside[0])
    highest = [[0.0] * columns for _ in range(rows)]  # what is left of a disc's radius, squared
    for down, right, depth in middle:
        (more,) = rounded((max(single(depth - thick), 0.0) + radius,))
        square = single(more * more)
        line = highest[down]
        step = 0
        while step * step < square:
            left = square - step * step
            for place in {right - step, right + step}:
                if 0 <= place < columns and line[place] < left:
                    line[place] = left
            step += 1
    drawn = [[False] * columns for _ in range(rows)]
    for right in range(columns):
        _draw_up_and_down(highest, drawn, right)
    return drawn


def _draw_up_and_down(highest: Grid, drawn: Mask, right: int) -> None:
    """Set in a column whatever lies within the discs that reach into it."""
    for down, line in enumerate(highest):
        if line[right] > 0:
            step = ceil(sqrt(line[right])) - 1
            while step * step < line[right]:
                step += 1  # the last step that is still within, and one more
            for place in range(max(down - step + 1, 0), min(down + step, len(highest))):
                drawn[place][right] = True


def _middle(inside: Grid) -> list[tuple[int, int, float]]:
    """Return where a step in no direction leads much further from the edge, and how deep it is."""
    rows, columns = len(inside), len(inside[0])
    rises = [
        (sign * down, sign * right, single(SLOPE * hypot(down, right)))
        for down, right in DIRECTIONS
        for sign in (1, -1)
    ]
    sums: dict[float, list[tuple[int, int, float]]] = {}
    found = []
    for down, line in enumerate(inside):
        for right, depth in enumerate(line):
            if not depth:
                continue
            if depth not in sums:
                sums[depth] = [(one, other, single(depth + rise)) for one, other, rise in rises]
            for below, beside, limit in sums[depth]:
                row, column = down + below, right + beside
                if 0 <= row < rows and 0 <= column < columns and inside[row][column] >= limit:
                    break
            else:
                found.append((down, right, depth))
    return found
