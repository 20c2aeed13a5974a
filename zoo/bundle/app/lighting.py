"""Pages on which the light falls unevenly: what zoo/data/images/segmentation.py does with them."""

from __future__ import annotations

from .float32 import median, rounded, single
from .levels import FAR
from .resize import BOX, LINE, resize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from .resize import Grid

    One = TypeVar("One")

GRID, WINDOW = 96, 27  # cells


def off_an_uneven_page(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return how much each pixel differs from a page that is what no thin stroke is part of."""
    shape = len(grey), len(grey[0])
    cells = _cells(grey, GRID)
    if _is_dark_on_light(grey):
        bare = _negative(_without_light(_negative(cells)))
        page = resize(bare, *shape, LINE)
        found = []
        for row, under in zip(grey, page):
            less = rounded(map(float.__sub__, under, row))
            shares = rounded(one / max(below, FAR) for one, below in zip(less, under))
            found.append([min(max(value, 0.0), 1.0) for value in shares])
        return found, ("dark on light", "lighting evened")
    page = resize(_without_light(cells), *shape, LINE)
    return [
        [max(value, 0.0) for value in rounded(map(float.__sub__, row, under))]
        for row, under in zip(grey, page)
    ], ("light on dark", "lighting evened")


def _is_dark_on_light(grey: Grid) -> bool:
    """Tell by which side the odd pixels lie of what is usual around them."""
    cells = _cells(grey, GRID // 2)
    size = WINDOW // 2 | 1
    wide = _mirrored([_mirrored(row, size // 2) for row in cells], size // 2)
    dark = light = 0.0
    for down, row in enumerate(cells):
        strip = wide[down : down + size]
        for right, value in enumerate(row):
            around = [one for line in strip for one in line[right : right + size]]
            odd = single(value - median(around))
            if odd < 0:
                dark += odd * odd
            else:
                light += odd * odd
    return dark >= light


def _mirrored(values: list[One], pad: int) -> list[One]:
    """Return the values with so many more at each end, mirrored at it as often as must be."""
    twice = values + values[::-1]
    return [twice[place % len(twice)] for place in range(-pad, len(values) + pad)]


def _cells(grey: Grid, longer: int) -> Grid:
    height, width = len(grey), len(grey[0])
    rows, columns = (max(round(side * longer / max(height, width)), 1) for side in (height, width))
    return resize(grey, rows, columns, BOX)


def _negative(grid: Grid) -> Grid:
    return [[-value for value in row] for row in grid]


def _without_light(cells: Grid) -> Grid:
    """Return the cells without what is light and narrower than the window."""
    return _highest(_negative(_highest(_negative(cells))))


def _highest(cells: Grid) -> Grid:
    """Return the highest value in the window around each cell; a slope goes on over the edge."""
    down = _turned([_highest_along(column) for column in _turned(cells)])
    return [_highest_along(row) for row in down]


def _turned(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid)]


def _highest_along(values: list[float]) -> list[float]:
    wide = _sloped(values, WINDOW // 2)
    return [max(wide[place : place + WINDOW]) for place in range(len(values))]


def _sloped(values: list[float], pad: int) -> list[float]:
    """Return the values with so many more at each end, each end a point that they are turned at."""
    if len(values) == 1:
        return values * (2 * pad + 1)
    wide, left, right = list(values), pad, pad
    while left or right:
        step = min(left, len(wide) - 1)
        first, last = wide[0], wide[-1]
        before = rounded(2 * first - value for value in wide[step:0:-1])
        other = min(right, len(wide) - 1)
        after = rounded(2 * last - value for value in wide[-2 : -other - 2 : -1])
        wide = before + wide + after
        left, right = left - step, right - other
    return wide
