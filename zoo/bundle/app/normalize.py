"""Normalization of any image to MNIST's form: zoo/data/images/normalize.py without NumPy."""

from __future__ import annotations

from .constants import (
    BOX,
    ENLARGED_INK,
    FINE,
    MAX_STROKE_SHARE,
    MIDDLE,
    MNIST,
    SHRUNK_INK,
    STROKE_WIDTH_RANGE,
    TARGET_STROKE_WIDTH,
)
from .float32 import rounded, single, total
from .segmentation import crop, find_ink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .image import Image
    from .resize import Grid
    from .segmentation import Mask


class NormalizedImage:
    """An image in the form of the training data, and a description of the steps taken."""

    def __init__(self, image: bytes, steps: str) -> None:
        self.image = image
        self.steps = steps


def as_mnist(image: Image, *, where: str) -> NormalizedImage:
    """Return 28 x 28 bytes: the ink in 20 x 20, strokes as wide as MNIST's, mass in the middle."""
    ink = find_ink(image, where=where)
    strength, steps = ink.strength, [*image.notes, *ink.steps]
    longer = max(len(strength), len(strength[0]))
    if image.size == MNIST and abs(longer - BOX) <= 1:
        return NormalizedImage(_centred(strength), "; ".join([*steps, "centred"]))
    from .strokes import redrawn, stroke_width

    size = BOX * FINE / longer
    width = stroke_width(stroke_mask(strength, size, size)) / FINE
    if not STROKE_WIDTH_RANGE[0] <= width <= STROKE_WIDTH_RANGE[1]:
        size *= (BOX - TARGET_STROKE_WIDTH) / (BOX - min(width, MAX_STROKE_SHARE * BOX))
        strokes = redrawn(stroke_mask(strength, size, size), width=TARGET_STROKE_WIDTH * FINE)
        strength, _ = crop(as_floats(strokes))
        change = "thickened" if width < TARGET_STROKE_WIDTH else "thinned"
        steps.append(f"stroke {change} {width:.1f} -> {TARGET_STROKE_WIDTH} pixels")
    scale = BOX / max(len(strength), len(strength[0]))
    rows, columns = (max(round(side * scale), 1) for side in (len(strength), len(strength[0])))
    return NormalizedImage(
        _centred(resized(strength, rows, columns)), "; ".join([*steps, "centred"])
    )


def _centred(small: Grid) -> bytes:
    """Return 28 x 28 bytes with the centre of mass, to a whole pixel, in the middle."""
    row_sums = [total(row) for row in small]
    column_sums = [0.0] * len(small[0])
    for row in small:
        column_sums = rounded(map(float.__add__, column_sums, row))
    down, right = (
        round(MIDDLE - sum(index * sum_ for index, sum_ in enumerate(sums)) / total(sums))
        for sums in (row_sums, column_sums)
    )
    canvas: Grid = [[0.0] * MNIST[1] for _ in range(MNIST[0])]
    for index, row in enumerate(small, down):
        if 0 <= index < MNIST[0]:
            line = canvas[index]
            for column, value in enumerate(rounded(value * 255 for value in row), right):
                if 0 <= column < MNIST[1]:
                    line[column] = value
    return to_bytes(canvas)


def stroke_mask(strength: Grid, down: float, right: float) -> Mask:
    """Return the mask of the scaled ink; any ink sets its cell, so that hairlines survive."""
    height, width = len(strength), len(strength[0])
    rows, columns = max(round(height * down), 1), max(round(width * right), 1)
    if down >= 1:
        solid = single(ENLARGED_INK)
        return [[value > solid for value in row] for row in resized(strength, rows, columns)]
    faint = single(SHRUNK_INK)
    mask = [[False] * columns for _ in range(rows)]
    for y, row in enumerate(strength):
        line = mask[y * rows // height]
        for x, value in enumerate(row):
            if value > faint:
                line[x * columns // width] = True
    return mask


def as_floats(mask: Mask) -> Grid:
    """Return the mask as 1.0 and 0.0."""
    return [list(map(float, row)) for row in mask]


def resized(values: Grid, rows: int, columns: int) -> Grid:
    """Return the values resized: block means if smaller, bicubic if larger."""
    if (len(values), len(values[0])) == (rows, columns):
        return values
    from .resize import BOX_CURVE, CUBIC_CURVE, resize

    result = resize(values, rows, columns, BOX_CURVE if rows < len(values) else CUBIC_CURVE)
    return [[min(max(value, 0.0), 1.0) for value in row] for row in result]


def to_bytes(rows: Sequence[Sequence[float]]) -> bytes:
    """Return the values rounded to bytes, row by row."""
    return bytes(round(value) for row in rows for value in row)
