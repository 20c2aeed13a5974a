"""Normalization to the block counts of scikit-learn's digits: zoo/data/images/normalize.py."""

from __future__ import annotations

from math import ceil, floor

from .float32 import rounded, single, total
from .levels import HALF
from .normalize import DIGITS, WHITE, NormalizedImage, as_floats, resized, stroke_mask, to_bytes
from .segmentation import crop, find_ink
from .strokes import redrawn, stroke_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image
    from .resize import Grid

TALL, WIDE = 32, 20  # the box of the digits in the bitmaps whose blocks were counted
SET, SPREAD = 312, 90  # pixels set in such a bitmap; strokes are redrawn beyond this deviation
STRETCH = 1.2
FINE_BIT = 4


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
    down = TALL * FINE_BIT / rows
    right = min(WIDE * FINE_BIT / columns, STRETCH * down)
    bitmap = stroke_mask(strength, down, right)
    filled = sum(map(sum, bitmap)) / FINE_BIT**2
    if abs(filled - SET) > SPREAD:
        width = stroke_width(bitmap) / FINE_BIT
        length = filled / width
        for _ in range(3):  # the redrawn strokes overlap more or less than the old ones
            best = min(max(SET / length, 2), 10)
            taller = (TALL - best) / (TALL - min(width, 0.6 * TALL))
            wider = (WIDE - best) / max(columns * right / FINE_BIT - width, 1)
            bitmap = stroke_mask(strength, down * taller, right * min(max(wider, 0.3), 2))
            new = redrawn(bitmap, width=best * FINE_BIT)
            length *= 1 + 0.7 * (sum(map(sum, new)) / FINE_BIT**2 / SET - 1)
        strength, _left = crop(as_floats(new))
        change = "thickened" if filled < SET else "thinned"
        steps.append(f"stroke {change} {width:.1f} -> {best:.1f} of {TALL} pixels")
        right = min(WIDE * FINE_BIT / len(strength[0]), STRETCH)
    across = min(max(round(len(strength[0]) * right / FINE_BIT), 1), WIDE)
    left = (TALL - across) // 2
    left_edge, right_edge = [0.0] * left, [0.0] * (TALL - across - left)
    canvas = [left_edge + row + right_edge for row in resized(strength, TALL, across)]
    return NormalizedImage(
        _block_counts(canvas), "; ".join([*steps, "set upright", "counted in blocks"])
    )


def _block_counts(canvas: Grid) -> bytes:
    """Return the sums of 4 x 4 blocks, added in NumPy's order."""
    counts = []
    for top in range(0, TALL, 4):
        line = []
        for left in range(0, TALL, 4):
            count = 0.0
            for row in canvas[top : top + 4]:
                count = single(count + total(row[left : left + 4]))
            line.append(count)
        counts.append(line)
    return to_bytes(counts)


def _upright(strength: Grid) -> Grid:
    """Return the ink sheared so that its lowest and highest rows begin in the same column."""
    rows, columns = len(strength), len(strength[0])
    band = max(rows // 16, 1)
    begins = [
        next((index for index, column in enumerate(zip(*ends)) if max(column) > HALF), 0)
        for ends in (strength[:band], strength[-band:])
    ]
    slope = min(max((begins[1] - begins[0]) / max(rows - band, 1), -1.2), 1.2)
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
