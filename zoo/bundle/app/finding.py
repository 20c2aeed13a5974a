"""Finding the ink: zoo/data/finding.py without NumPy, step by step the same."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from .faults import Corrupt
from .floats import median, ninetieth, rounded, single
from .regions import regions
from .resizing import BOX, LINE, Grid, resize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .raster import Picture

Mask = list[list[bool]]

ALIKE, FAR, FAINTEST, HALF, SEEN = map(single, (0.03, 0.2, 0.04, 0.5, 0.2))
TINY, GRID, FINER, WINDOW = 16, 96, 240, 27
SMALLEST, SPECK, STRANGER = 0.25, 0.03, 0.3


class Ink(NamedTuple):
    """The ink of one drawing, cropped to it, from 0 to 1, and how it was found."""

    strength: Grid
    left: int
    words: tuple[str, ...]


def find_ink(picture: Picture, *, where: str) -> Ink:
    """Return the ink of the picture's one drawing; specks, frames and the page are left behind."""
    grey, words = _opaque(picture)
    grey, framed = _without_frame(grey)
    ink, page = _off_the_page(grey)
    strength = _strength(ink, where)
    drawing = _drawing([[value > HALF for value in row] for row in strength])
    strength = [
        [value if kept else 0.0 for value, kept in zip(row, line)]
        for row, line in zip(strength, drawing)
    ]
    full = ninetieth(value for row in strength for value in row if value > HALF)
    strength = [rounded(min(value / full, 1.0) for value in row) for row in strength]
    cropped, left = crop(strength)
    words += framed + page
    height, width = picture.size
    if (len(cropped), len(cropped[0])) != (height, width):
        words += (f"cropped to {len(cropped[0])} x {len(cropped)} of {width} x {height}",)
    return Ink(cropped, left, words)


def crop(values: Grid) -> tuple[Grid, int]:
    """Return the rows and columns from the first to the last in which something is seen."""
    rows = [place for place, row in enumerate(values) if max(row) > SEEN]
    columns = [place for place, column in enumerate(zip(*values)) if max(column) > SEEN]
    left, right = columns[0], columns[-1] + 1
    return [row[left:right] for row in values[rows[0] : rows[-1] + 1]], left


def _opaque(picture: Picture) -> tuple[Grid, tuple[str, ...]]:
    """Return the picture on a background on which its ink is seen."""
    grey, alpha = picture.grey, picture.alpha
    if alpha is None:
        return grey, ()
    least, most = min(map(min, alpha)), max(map(max, alpha))
    if single(most - least) < FAINTEST:  # it tells nothing, unless there is nothing
        return (grey if most > FAINTEST else [[1.0] * len(row) for row in grey]), ()
    solid = [[value > HALF for value in row] for row in alpha]
    rows = [place for place, row in enumerate(solid) if any(row)]
    if rows:
        shades = [
            shade for row, line in zip(grey, solid) for shade, shown in zip(row, line) if shown
        ]
        columns = [place for place, column in enumerate(zip(*solid)) if any(column)]
        box = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
        sheet = _mode(shades)
        drawn_upon = _share(abs(one) > FAR for one in _less(shades, sheet)) > 0.005  # noqa: PLR2004
        if drawn_upon and len(shades) > 0.6 * box:
            return [_over(row, line, sheet) for row, line in zip(grey, alpha)], (
                "the sheet made opaque",
            )
    return [rounded(1 - value for value in row) for row in alpha], (
        "transparency made white, ink black",
    )


def _over(row: list[float], alpha: list[float], sheet: float) -> list[float]:
    ink = rounded(value * share for value, share in zip(row, alpha))
    page = rounded(share * sheet for share in rounded(1 - share for share in alpha))
    return rounded(map(float.__add__, ink, page))


def _less(values: Iterable[float], amount: float) -> list[float]:
    return rounded(value - amount for value in values)


def _share(found: Iterable[bool]) -> float:
    answers = list(found)
    return sum(answers) / len(answers)


def _without_frame(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return what is inside of a frame: a border of one shade within which is one of another."""
    outer = _ring(grey, 0)
    shape = len(grey), len(grey[0])
    deepest = min(min(shape) // 6, (min(shape) - 8) // 2)
    for depth in range(deepest, 0, -max(deepest // 8, 1)):
        inner = _ring(grey, depth)
        page = _mode(inner)
        if _share(abs(one) < ALIKE for one in _less(inner, page)) > 0.97:  # noqa: PLR2004
            if _share(abs(one) > FAR for one in _less(outer, page)) > 0.9:  # noqa: PLR2004
                return [row[depth:-depth] for row in grey[depth:-depth]], ("a frame taken off",)
            break
    return grey, ()


def _ring(grey: Grid, depth: int) -> list[float]:
    inner = [row[depth : len(row) - depth] for row in grey[depth : len(grey) - depth]]
    middle = inner[1:-1]
    return inner[0] + inner[-1] + [row[0] for row in middle] + [row[-1] for row in middle]


def _mode(values: Sequence[float]) -> float:
    """Return the most usual value: the median of those around the fullest of 64 bins."""
    bins = [min(max(int(value * 64), 0), 63) for value in values]
    counts = [0] * 66
    for one in bins:
        counts[one + 1] += 1
    around = [sum(counts[place : place + 3]) for place in range(64)]
    fullest = around.index(max(around))
    return median(value for value, one in zip(values, bins) if abs(one - fullest) <= 1)


def _off_the_page(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return how much each pixel differs from the page it lies on."""
    ring = _ring(grey, 0)
    page = _mode(ring)
    if _share(abs(one) < ALIKE for one in _less(ring, page)) < 0.6:  # noqa: PLR2004
        return _off_an_uneven_page(grey)
    darker = [rounded(page - value for value in row) for row in grey]
    dark = sum(value * value for row in darker for value in row if value > 0)
    light = sum(value * value for row in darker for value in row if value < 0)
    if min(dark, light) > 0.2 * max(dark, light):
        return [list(map(abs, row)) for row in darker], ("ink of several shades",)
    if dark >= light:
        return [[max(value, 0.0) for value in row] for row in darker], ("dark on light",)
    return [[max(-value, 0.0) for value in row] for row in darker], ("light on dark",)


def _off_an_uneven_page(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return the same where the light falls unevenly: the page is what no thin stroke is part of."""
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


def _mirrored(values: list, pad: int) -> list:  # type: ignore[type-arg] # rows, or what is in one
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


def _strength(ink: Grid, where: str) -> Grid:
    """Return the ink stretched from what the page has of it to its own full strength."""
    low, high, inked = _split(ink)
    noise = 0.0
    if min(len(ink), len(ink[0])) > TINY:
        apart: list[float] = []
        for row, line in zip(ink, inked):
            apart += [
                one - other
                for one, other, first, second in zip(row[1:], row, line[1:], line)
                if not (first or second)
            ]
        if apart:
            noise = median(map(abs, rounded(apart))) / 0.95
    if high - low < max(0.04, 4 * noise):
        msg = f"{where} is blank: no ink was found."
        raise Corrupt(msg)
    span = single(high - low)
    return [
        [min(max(value, 0.0), 1.0) for value in rounded(one / span for one in _less(row, low))]
        for row in ink
    ]


def _split(ink: Grid) -> tuple[float, float, Mask]:
    """Return how much ink the page has, how much the drawing has, and which is which, by Otsu."""
    top = max(map(max, ink))
    if top < FAINTEST:
        return 0.0, 0.0, [[False] * len(row) for row in ink]
    scale = single(255 / top)
    bins = [[int(value) for value in rounded(one * scale for one in row)] for row in ink]
    counts = [0] * (max(map(max, bins)) + 1)
    for row in bins:
        for one in row:
            counts[one] += 1
    whole, everything = sum(counts), sum(place * count for place, count in enumerate(counts))
    below = sum_ = 0
    best, split = -1.0, 0
    for place, count in enumerate(counts[:-1]):
        below += count
        sum_ += place * count
        above = whole - below
        apart = sum_ / max(below, 1) - (everything - sum_) / above
        worth = below * above * (apart * apart)
        if worth > best:
            best, split = worth, place
    inked = [[one > split for one in row] for row in bins]
    page, drawn = [], []
    for row, line in zip(ink, inked):
        for value, is_ink in zip(row, line):
            (drawn if is_ink else page).append(value)
    return median(page) if page else 0.0, ninetieth(drawn), inked


def _drawing(mask: Mask) -> Mask:
    """Return the mask of the drawing with a little around it."""
    height, width = len(mask), len(mask[0])
    cell = ceil(max(height, width) / FINER)
    cells = mask
    if cell > 1:
        lines = [
            [any(column) for column in zip(*mask[top : top + cell])]
            for top in range(0, height, cell)
        ]
        cells = [[any(row[at : at + cell]) for at in range(0, width, cell)] for row in lines]
    numbers, count = regions(cells)
    chosen = set(_chosen(numbers, count))
    kept = [[number in chosen for number in row] for row in numbers]
    kept = [_thicker(list(column)) for column in zip(*kept)]
    kept = [_thicker(list(row)) for row in zip(*kept)]
    if cell == 1:
        return kept
    wide = [[one for one in row for _ in range(cell)][:width] for row in kept]
    return [row for row in wide for _ in range(cell)][:height]


def _thicker(line: list[bool]) -> list[bool]:
    around = [False, *line, False]
    return [one or two or three for one, two, three in zip(around, around[1:], around[2:])]


class Part:
    """A connected part of what was drawn: its number, its cells, its box, the sides it touches."""

    def __init__(self, number: int, top: int, left: int) -> None:
        self.number, self.cells, self.sides = number, 0, 0
        self.top, self.left, self.bottom, self.right = top, left, 0, 0

    @property
    def extent(self) -> int:
        """The longer side of its box."""
        return max(self.bottom - self.top, self.right - self.left)

    def gap(self, other: Part) -> int:
        """Return how far its box is from another's."""
        across = max(self.left - other.right, other.left - self.right)
        return max(self.top - other.bottom, other.top - self.bottom, across, 0)


def _chosen(numbers: list[list[int]], count: int) -> list[int]:
    """Return the regions of the drawing: the longest part and what is no speck beside it."""
    height, width = len(numbers), len(numbers[0])
    parts = [Part(number, height, width) for number in range(1, count + 1)]
    for down, row in enumerate(numbers):
        for right, number in enumerate(row):
            if number:
                part = parts[number - 1]
                part.cells += 1
                part.top, part.bottom = min(part.top, down), max(part.bottom, down + 1)
                part.left, part.right = min(part.left, right), max(part.right, right + 1)
    for part in parts:
        part.sides = sum(
            (part.top == 0, part.left == 0, part.bottom == height, part.right == width)
        )
    free = [part for part in parts if part.sides <= 1]
    if any(part.extent >= SMALLEST * max(height, width) for part in free):
        parts = free
    main = max(parts, key=lambda part: part.extent)
    return [
        part.number
        for part in parts
        if part.cells >= main.cells * (SPECK if part.gap(main) < 0.3 * main.extent else STRANGER)
    ]
