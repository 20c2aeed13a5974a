"""Finding the ink: zoo/data/images/segmentation.py without NumPy, step by step the same."""

from __future__ import annotations

from math import ceil

from .components import regions
from .errors import CorruptError
from .float32 import median, ninetieth, rounded, single
from .levels import FAINTEST, FAR, HALF, less, mode, share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Picture
    from .resize import Grid

    Mask = list[list[bool]]

ALIKE, SEEN = map(single, (0.03, 0.2))
TINY, FINER = 16, 240
SMALLEST, SPECK, STRANGER = 0.25, 0.03, 0.3


class Ink:
    """The ink of one drawing, cropped to it, from 0 to 1, and how it was found."""

    def __init__(self, strength: Grid, left: int, words: tuple[str, ...]) -> None:
        self.strength = strength
        self.left = left
        self.words = words


def find_ink(picture: Picture, *, where: str) -> Ink:
    """Return the ink of the picture's one drawing; specks, frames and the page are left behind."""
    grey = picture.grey
    words: tuple[str, ...] = ()
    if picture.alpha is not None:
        from .alpha import opaque

        grey, words = opaque(picture.grey, picture.alpha)
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


def _without_frame(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return what is inside of a frame: a border of one shade within which is one of another."""
    outer = _ring(grey, 0)
    shape = len(grey), len(grey[0])
    deepest = min(min(shape) // 6, (min(shape) - 8) // 2)
    for depth in range(deepest, 0, -max(deepest // 8, 1)):
        inner = _ring(grey, depth)
        page = mode(inner)
        if share(abs(one) < ALIKE for one in less(inner, page)) > 0.97:
            if share(abs(one) > FAR for one in less(outer, page)) > 0.9:
                return [row[depth:-depth] for row in grey[depth:-depth]], ("a frame taken off",)
            break
    return grey, ()


def _ring(grey: Grid, depth: int) -> list[float]:
    inner = [row[depth : len(row) - depth] for row in grey[depth : len(grey) - depth]]
    middle = inner[1:-1]
    return inner[0] + inner[-1] + [row[0] for row in middle] + [row[-1] for row in middle]


def _off_the_page(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return how much each pixel differs from the page it lies on."""
    ring = _ring(grey, 0)
    page = mode(ring)
    if share(abs(one) < ALIKE for one in less(ring, page)) < 0.6:
        from .lighting import off_an_uneven_page

        return off_an_uneven_page(grey)
    darker = [rounded(page - value for value in row) for row in grey]
    dark = sum(value * value for row in darker for value in row if value > 0)
    light = sum(value * value for row in darker for value in row if value < 0)
    if min(dark, light) > 0.2 * max(dark, light):
        return [list(map(abs, row)) for row in darker], ("ink of several shades",)
    if dark >= light:
        return [[max(value, 0.0) for value in row] for row in darker], ("dark on light",)
    return [[max(-value, 0.0) for value in row] for row in darker], ("light on dark",)


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
        raise CorruptError(msg)
    span = single(high - low)
    return [
        [min(max(value, 0.0), 1.0) for value in rounded(one / span for one in less(row, low))]
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
    page: list[float] = []
    drawn: list[float] = []
    for values, line in zip(ink, inked):
        for value, is_ink in zip(values, line):
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
