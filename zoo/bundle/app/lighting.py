"""Removal of uneven lighting, as in zoo/data/images/segmentation.py."""

from __future__ import annotations

from .constants import DIFFERENT_GREY, GRID, WINDOW
from .float32 import median, rounded, single
from .resize import BOX_CURVE, LINE_CURVE, resize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from .resize import Grid

    Item = TypeVar("Item")


def without_lighting(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return the ink: each pixel's difference from the page, estimated by removing thin strokes."""
    shape = len(grey), len(grey[0])
    cells = _cells(grey, GRID)
    if _is_dark_on_light(grey):
        page_cells = _negative(_opened(_negative(cells)))
        page = resize(page_cells, *shape, LINE_CURVE)
        darkest = single(DIFFERENT_GREY)
        ink = []
        for row, under in zip(grey, page):
            differences = rounded(map(float.__sub__, under, row))
            shares = rounded(
                difference / max(level, darkest) for difference, level in zip(differences, under)
            )
            ink.append([min(max(value, 0.0), 1.0) for value in shares])
        return ink, ("dark on light", "lighting evened")
    page = resize(_opened(cells), *shape, LINE_CURVE)
    return [
        [max(value, 0.0) for value in rounded(map(float.__sub__, row, under))]
        for row, under in zip(grey, page)
    ], ("light on dark", "lighting evened")


def _is_dark_on_light(grey: Grid) -> bool:
    """Return whether pixels that differ from the median around them are mostly darker."""
    cells = _cells(grey, GRID // 2)
    size = WINDOW // 2 | 1
    wide = _mirrored([_mirrored(row, size // 2) for row in cells], size // 2)
    dark = light = 0.0
    for down, row in enumerate(cells):
        strip = wide[down : down + size]
        for right, value in enumerate(row):
            neighbours = [level for line in strip for level in line[right : right + size]]
            deviation = single(value - median(neighbours))
            if deviation < 0:
                dark += deviation * deviation
            else:
                light += deviation * deviation
    return dark >= light


def _mirrored(values: list[Item], pad: int) -> list[Item]:
    """Return the values padded at each end by reflection, repeated if the pad is longer."""
    twice = values + values[::-1]
    return [twice[index % len(twice)] for index in range(-pad, len(values) + pad)]


def _cells(grey: Grid, longer: int) -> Grid:
    height, width = len(grey), len(grey[0])
    rows, columns = (max(round(side * longer / max(height, width)), 1) for side in (height, width))
    return resize(grey, rows, columns, BOX_CURVE)


def _negative(grid: Grid) -> Grid:
    return [[-value for value in row] for row in grid]


def _opened(cells: Grid) -> Grid:
    """Return the cells without light details that are narrower than the window (an opening)."""
    return _dilated(_negative(_dilated(_negative(cells))))


def _dilated(cells: Grid) -> Grid:
    """Return the maximum in the window around each cell; slopes continue beyond the edge."""
    down = _transposed([_dilated_line(column) for column in _transposed(cells)])
    return [_dilated_line(row) for row in down]


def _transposed(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid)]


def _dilated_line(values: list[float]) -> list[float]:
    wide = _point_reflected(values, WINDOW // 2)
    return [max(wide[start : start + WINDOW]) for start in range(len(values))]


def _point_reflected(values: list[float], pad: int) -> list[float]:
    """Return the values padded at each end by reflection about the end point."""
    if len(values) == 1:
        return values * (2 * pad + 1)
    wide, left, right = list(values), pad, pad
    while left or right:
        step = min(left, len(wide) - 1)
        first, last = wide[0], wide[-1]
        before = rounded(2 * first - value for value in wide[step:0:-1])
        right_step = min(right, len(wide) - 1)
        after = rounded(2 * last - value for value in wide[-2 : -right_step - 2 : -1])
        wide = before + wide + after
        left, right = left - step, right - right_step
    return wide
