"""Normalization to the block counts of scikit-learn's digits: zoo/data/images/normalize.py."""

from __future__ import annotations

from math import ceil, floor

from .constants import (
    BITMAP_HEIGHT,
    BITMAP_STROKE_RANGE,
    BITMAP_WIDTH,
    DIGITS,
    FINE_BIT,
    GROWTH_RANGE,
    HALF,
    LENGTH_CORRECTION,
    MAX_BITMAP_STROKE_SHARE,
    MAX_SLANT,
    MAX_STRETCH,
    MEAN_SET_PIXELS,
    REDRAWINGS,
    SET_PIXELS_TOLERANCE,
    SLANT_BANDS,
    WHITE,
)
from .float32 import rounded, single, total
from .normalize import NormalizedImage, as_floats, resized, stroke_mask, to_bytes
from .segmentation import crop, find_ink
from .strokes import redrawn, stroke_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image
    from .resize import Grid


def as_digits(image: Image, *, where: str) -> NormalizedImage:
    """Return 8 x 8 bytes: the pixels set in each 4 x 4 block of a 32 x 32 bitmap."""
    ink = find_ink(image, where=where)
    strength, steps = ink.strength, [*image.notes, *ink.steps]
    if image.size == DIGITS and len(strength) == DIGITS[0]:
        padding = [0.0] * (DIGITS[1] - ink.left - len(strength[0]))
        counts = [[0.0] * ink.left + [value * WHITE for value in row] + padding for row in strength]
        return NormalizedImage(to_bytes(counts), "; ".join(steps))
    strength = _upright(strength)
    rows, columns = len(strength), len(strength[0])
    down = BITMAP_HEIGHT * FINE_BIT / rows
    right = min(BITMAP_WIDTH * FINE_BIT / columns, MAX_STRETCH * down)
    bitmap = stroke_mask(strength, down, right)
    filled = sum(map(sum, bitmap)) / FINE_BIT**2
    if abs(filled - MEAN_SET_PIXELS) > SET_PIXELS_TOLERANCE:
        width = stroke_width(bitmap) / FINE_BIT
        length = filled / width
        for _ in range(REDRAWINGS):
            best = _within(BITMAP_STROKE_RANGE, MEAN_SET_PIXELS / length)
            taller = (BITMAP_HEIGHT - best) / (
                BITMAP_HEIGHT - min(width, MAX_BITMAP_STROKE_SHARE * BITMAP_HEIGHT)
            )
            wider = (BITMAP_WIDTH - best) / max(columns * right / FINE_BIT - width, 1)
            bitmap = stroke_mask(strength, down * taller, right * _within(GROWTH_RANGE, wider))
            new = redrawn(bitmap, width=best * FINE_BIT)
            excess = sum(map(sum, new)) / FINE_BIT**2 / MEAN_SET_PIXELS - 1
            length *= 1 + LENGTH_CORRECTION * excess
        strength, _left = crop(as_floats(new))
        change = "thickened" if filled < MEAN_SET_PIXELS else "thinned"
        steps.append(f"stroke {change} {width:.1f} -> {best:.1f} of {BITMAP_HEIGHT} pixels")
        right = min(BITMAP_WIDTH * FINE_BIT / len(strength[0]), MAX_STRETCH)
    across = min(max(round(len(strength[0]) * right / FINE_BIT), 1), BITMAP_WIDTH)
    left = (BITMAP_HEIGHT - across) // 2
    left_edge, right_edge = [0.0] * left, [0.0] * (BITMAP_HEIGHT - across - left)
    canvas = [left_edge + row + right_edge for row in resized(strength, BITMAP_HEIGHT, across)]
    return NormalizedImage(
        _block_counts(canvas), "; ".join([*steps, "set upright", "counted in blocks"])
    )


def _block_counts(canvas: Grid) -> bytes:
    """Return the sums of 4 x 4 blocks, added in NumPy's order."""
    block = BITMAP_HEIGHT // DIGITS[0]
    counts = []
    for top in range(0, BITMAP_HEIGHT, block):
        line = []
        for left in range(0, BITMAP_HEIGHT, block):
            count = 0.0
            for row in canvas[top : top + block]:
                count = single(count + total(row[left : left + block]))
            line.append(count)
        counts.append(line)
    return to_bytes(counts)


def _within(limits: tuple[float, float], value: float) -> float:
    return min(max(value, limits[0]), limits[1])


def _upright(strength: Grid) -> Grid:
    """Return the ink sheared so that its lowest and highest rows begin in the same column."""
    rows, columns = len(strength), len(strength[0])
    band = max(rows // SLANT_BANDS, 1)
    begins = [
        next((index for index, column in enumerate(zip(*ends)) if max(column) > HALF), 0)
        for ends in (strength[:band], strength[-band:])
    ]
    slope = _within((-MAX_SLANT, MAX_SLANT), (begins[1] - begins[0]) / max(rows - band, 1))
    start = -max(slope, 0) * rows
    width = columns + ceil(abs(slope) * rows)
    sheared = []
    for down, row in enumerate(strength):
        line = []
        for right in range(width):
            x = (right + 0.5) + slope * (down + 0.5) + start
            if not 0 <= x < columns:
                line.append(0.0)
                continue
            x -= 0.5
            before = floor(x)
            left, next_ = row[max(before, 0)], row[min(before + 1, columns - 1)]
            line.append(left + single(next_ - left) * (x - before))
        sheared.append(rounded(line))
    return crop(sheared)[0]
