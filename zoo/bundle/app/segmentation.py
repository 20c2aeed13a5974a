"""Segmentation of the ink: the steps of zoo/data/images/segmentation.py without NumPy."""

from __future__ import annotations

from math import ceil

from .components import regions
from .constants import (
    BOX_THRESHOLD,
    DIFFERENT_GREY,
    FINE_GRID,
    FRAME_WIDTHS,
    FULL_STRENGTH,
    HALF,
    MAX_FRAME,
    MEDIAN_DIFFERENCE,
    MIN_CONTRAST,
    MIN_EVEN_SHARE,
    MIN_EXTENT,
    MIN_FAR,
    MIN_FRAME_SHARE,
    MIN_FRAMED,
    MIN_FRAMED_SHARE,
    MIN_NEAR,
    MIN_SIGNAL,
    NEAR,
    OTSU_BINS,
    SAME_GREY,
    SEVERAL_SHADES,
    TINY,
)
from .errors import CorruptError
from .float32 import median, percentile, rounded, single
from .levels import fraction, minus, mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image
    from .resize import Grid

    Mask = list[list[bool]]


class InkMask:
    """The cropped ink of one drawing, from 0 to 1, and the steps that found it."""

    def __init__(self, strength: Grid, left: int, steps: tuple[str, ...]) -> None:
        self.strength = strength
        self.left = left
        self.steps = steps


def find_ink(image: Image, *, where: str) -> InkMask:
    """Return the ink of the image's one drawing, without specks, frames and the page."""
    grey = image.grey
    steps: tuple[str, ...] = ()
    if image.alpha is not None:
        from .alpha import opaque

        grey, steps = opaque(image.grey, image.alpha)
    grey, frame_steps = _without_frame(grey)
    ink, page_steps = _off_the_page(grey)
    strength = _strength(ink, where)
    drawing = _drawing([[value > HALF for value in row] for row in strength])
    strength = [
        [value if is_drawing else 0.0 for value, is_drawing in zip(row, line)]
        for row, line in zip(strength, drawing)
    ]
    inside = [value for row in strength for value in row if value > HALF]
    full = percentile(inside, FULL_STRENGTH)
    strength = [rounded(min(value / full, 1.0) for value in row) for row in strength]
    cropped, left = crop(strength)
    steps += frame_steps + page_steps
    height, width = image.size
    if (len(cropped), len(cropped[0])) != (height, width):
        steps += (f"cropped to {len(cropped[0])} x {len(cropped)} of {width} x {height}",)
    return InkMask(cropped, left, steps)


def crop(values: Grid) -> tuple[Grid, int]:
    """Return the values cropped to the rows and columns with ink, and the first such column."""
    threshold = single(BOX_THRESHOLD)
    rows = [index for index, row in enumerate(values) if max(row) > threshold]
    columns = [index for index, column in enumerate(zip(*values)) if max(column) > threshold]
    left, right = columns[0], columns[-1] + 1
    return [row[left:right] for row in values[rows[0] : rows[-1] + 1]], left


def _without_frame(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return the inside of a frame: a border that differs from a uniform ring within it."""
    outer = _ring(grey, 0)
    same, different = single(SAME_GREY), single(DIFFERENT_GREY)
    shorter = min(len(grey), len(grey[0]))
    deepest = min(shorter // MAX_FRAME, (shorter - MIN_FRAMED) // 2)
    for depth in range(deepest, 0, -max(deepest // FRAME_WIDTHS, 1)):
        inner = _ring(grey, depth)
        page = mode(inner)
        is_even = fraction(abs(level) < same for level in minus(inner, page)) > MIN_FRAMED_SHARE
        if is_even:
            frame = fraction(abs(level) > different for level in minus(outer, page))
            if frame > MIN_FRAME_SHARE:
                return [row[depth:-depth] for row in grey[depth:-depth]], ("a frame taken off",)
            break
    return grey, ()


def _ring(grey: Grid, depth: int) -> list[float]:
    inner = [row[depth : len(row) - depth] for row in grey[depth : len(grey) - depth]]
    middle = inner[1:-1]
    return inner[0] + inner[-1] + [row[0] for row in middle] + [row[-1] for row in middle]


def _off_the_page(grey: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return each pixel's difference from the page."""
    ring = _ring(grey, 0)
    page = mode(ring)
    same = single(SAME_GREY)
    if fraction(abs(level) < same for level in minus(ring, page)) < MIN_EVEN_SHARE:
        from .lighting import without_lighting

        return without_lighting(grey)
    darker = [rounded(page - value for value in row) for row in grey]
    dark = sum(value * value for row in darker for value in row if value > 0)
    light = sum(value * value for row in darker for value in row if value < 0)
    if min(dark, light) > SEVERAL_SHADES * max(dark, light):
        return [list(map(abs, row)) for row in darker], ("ink of several shades",)
    if dark >= light:
        return [[max(value, 0.0) for value in row] for row in darker], ("dark on light",)
    return [[max(-value, 0.0) for value in row] for row in darker], ("light on dark",)


def _strength(ink: Grid, where: str) -> Grid:
    """Return the ink rescaled: the level of the page becomes 0, that of the drawing 1."""
    low, high, inked = _split(ink)
    noise = 0.0
    if min(len(ink), len(ink[0])) > TINY:
        differences: list[float] = []
        for row, line in zip(ink, inked):
            differences += [
                right - left
                for right, left, right_inked, left_inked in zip(row[1:], row, line[1:], line)
                if not (right_inked or left_inked)
            ]
        if differences:
            noise = median(map(abs, rounded(differences))) / MEDIAN_DIFFERENCE
    if high - low < max(MIN_CONTRAST, MIN_SIGNAL * noise):
        msg = f"{where} is blank: no ink was found."
        raise CorruptError(msg)
    span = single(high - low)
    return [
        [min(max(value, 0.0), 1.0) for value in rounded(level / span for level in minus(row, low))]
        for row in ink
    ]


def _split(ink: Grid) -> tuple[float, float, Mask]:
    """Return the levels of page and drawing, and the mask of the drawing, by Otsu's threshold."""
    top = max(map(max, ink))
    if top < single(MIN_CONTRAST):
        return 0.0, 0.0, [[False] * len(row) for row in ink]
    scale = single(OTSU_BINS / top)
    bins = [[int(value) for value in rounded(level * scale for level in row)] for row in ink]
    counts = [0] * (max(map(max, bins)) + 1)
    for row in bins:
        for bin_ in row:
            counts[bin_] += 1
    pixel_count, level_sum = sum(counts), sum(level * count for level, count in enumerate(counts))
    count_below = sum_below = 0
    best, split = -1.0, 0
    for level, count in enumerate(counts[:-1]):
        count_below += count
        sum_below += level * count
        count_above = pixel_count - count_below
        mean_difference = sum_below / max(count_below, 1) - (level_sum - sum_below) / count_above
        variance = count_below * count_above * (mean_difference * mean_difference)
        if variance > best:
            best, split = variance, level
    inked = [[bin_ > split for bin_ in row] for row in bins]
    page: list[float] = []
    drawing: list[float] = []
    for values, line in zip(ink, inked):
        for value, is_ink in zip(values, line):
            (drawing if is_ink else page).append(value)
    return median(page) if page else 0.0, percentile(drawing, FULL_STRENGTH), inked


def _drawing(mask: Mask) -> Mask:
    """Return the mask of the drawing, dilated by one cell."""
    height, width = len(mask), len(mask[0])
    cell = ceil(max(height, width) / FINE_GRID)
    cells = mask
    if cell > 1:
        lines = [
            [any(column) for column in zip(*mask[top : top + cell])]
            for top in range(0, height, cell)
        ]
        cells = [[any(row[left : left + cell]) for left in range(0, width, cell)] for row in lines]
    numbers, count = regions(cells)
    selected = set(_drawing_regions(numbers, count))
    mask = [[number in selected for number in row] for row in numbers]
    mask = [_dilated(list(column)) for column in zip(*mask)]
    mask = [_dilated(list(row)) for row in zip(*mask)]
    if cell == 1:
        return mask
    enlarged = [[value for value in row for _ in range(cell)][:width] for row in mask]
    return [row for row in enlarged for _ in range(cell)][:height]


def _dilated(line: list[bool]) -> list[bool]:
    padded = [False, *line, False]
    return [any(window) for window in zip(padded, padded[1:], padded[2:])]


class Component:
    """A connected component: its number, cell count, bounding box, and edges that it touches."""

    def __init__(self, number: int, top: int, left: int) -> None:
        self.number, self.cells, self.sides = number, 0, 0
        self.top, self.left, self.bottom, self.right = top, left, 0, 0

    @property
    def extent(self) -> int:
        """The longer side of the bounding box."""
        return max(self.bottom - self.top, self.right - self.left)

    def gap(self, other: Component) -> int:
        """Return the distance between two bounding boxes."""
        across = max(self.left - other.right, other.left - self.right)
        return max(self.top - other.bottom, other.top - self.bottom, across, 0)


def _drawing_regions(numbers: list[list[int]], count: int) -> list[int]:
    """Return the regions of the drawing: the longest component and all near it but specks."""
    height, width = len(numbers), len(numbers[0])
    components = [Component(number, height, width) for number in range(1, count + 1)]
    for y, row in enumerate(numbers):
        for x, number in enumerate(row):
            if number:
                component = components[number - 1]
                component.cells += 1
                component.top, component.bottom = (
                    min(component.top, y),
                    max(component.bottom, y + 1),
                )
                component.left, component.right = (
                    min(component.left, x),
                    max(component.right, x + 1),
                )
    for component in components:
        component.sides = sum(
            (
                component.top == 0,
                component.left == 0,
                component.bottom == height,
                component.right == width,
            )
        )
    free = [component for component in components if component.sides <= 1]
    if any(component.extent >= MIN_EXTENT * max(height, width) for component in free):
        components = free
    main = max(components, key=lambda component: component.extent)
    return [
        component.number
        for component in components
        if component.cells
        >= main.cells * (MIN_NEAR if component.gap(main) < NEAR * main.extent else MIN_FAR)
    ]
