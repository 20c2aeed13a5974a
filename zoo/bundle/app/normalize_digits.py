"""From any image to the block counts of scikit-learn digits: zoo/data/images/normalize.py."""

from __future__ import annotations

from math import ceil, floor

from .float32 import rounded, single, total
from .levels import HALF
from .normalize import DIGITS, WHITE, Drawn, as_numbers, resized, strokes, whole
from .segmentation import crop, find_ink
from .strokes import redrawn, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Picture
    from .resize import Grid

TALL, WIDE, SET, SPREAD, STRETCH = 32, 20, 312, 90, 1.2  # of the bitmaps that were counted
FINE_BIT = 4


def as_digits(picture: Picture, *, where: str) -> Drawn:
    """Return how much is set of each 4 x 4 block of a bitmap like those the digits came from."""
    ink = find_ink(picture, where=where)
    strength, words = ink.strength, [*picture.notes, *ink.words]
    if picture.size == DIGITS and len(strength) == DIGITS[0]:
        right = [0.0] * (DIGITS[1] - ink.left - len(strength[0]))
        counts = [[0.0] * ink.left + [value * WHITE for value in row] + right for row in strength]
        return Drawn(whole(counts), "; ".join(words))
    strength = _upright(strength)
    rows, columns = len(strength), len(strength[0])
    down = TALL * FINE_BIT / rows
    right_ = min(WIDE * FINE_BIT / columns, STRETCH * down)
    bitmap = strokes(strength, down, right_)
    filled = sum(map(sum, bitmap)) / FINE_BIT**2
    if abs(filled - SET) > SPREAD:
        width = width_of(bitmap) / FINE_BIT
        length = filled / width
        for _ in range(3):  # the redrawn strokes overlap more or less than the old ones
            best = min(max(SET / length, 2), 10)
            taller = (TALL - best) / (TALL - min(width, 0.6 * TALL))
            wider = (WIDE - best) / max(columns * right_ / FINE_BIT - width, 1)
            bitmap = strokes(strength, down * taller, right_ * min(max(wider, 0.3), 2))
            new = redrawn(bitmap, width=best * FINE_BIT)
            length *= 1 + 0.7 * (sum(map(sum, new)) / FINE_BIT**2 / SET - 1)
        strength, _left = crop(as_numbers(new))
        change = "thickened" if filled < SET else "thinned"
        words.append(f"stroke {change} {width:.1f} -> {best:.1f} of {TALL} pixels")
        right_ = min(WIDE * FINE_BIT / len(strength[0]), STRETCH)
    across = min(max(round(len(strength[0]) * right_ / FINE_BIT), 1), WIDE)
    left = (TALL - across) // 2
    edge, other = [0.0] * left, [0.0] * (TALL - across - left)
    canvas = [edge + row + other for row in resized(strength, TALL, across)]
    return Drawn(_counted(canvas), "; ".join([*words, "set upright", "counted in blocks"]))


def _counted(canvas: Grid) -> bytes:
    """Return the sums of 4 x 4 blocks, added up in the order in which NumPy does."""
    counts = []
    for top in range(0, TALL, 4):
        line = []
        for left in range(0, TALL, 4):
            found = 0.0
            for row in canvas[top : top + 4]:
                found = single(found + total(row[left : left + 4]))
            line.append(found)
        counts.append(line)
    return whole(counts)


def _upright(strength: Grid) -> Grid:
    """Return the ink sheared until its lowest row begins under its highest, as the digits were."""
    rows, columns = len(strength), len(strength[0])
    band = max(rows // 16, 1)
    begins = [
        next((place for place, column in enumerate(zip(*ends)) if max(column) > HALF), 0)
        for ends in (strength[:band], strength[-band:])
    ]
    slope = min(max((begins[1] - begins[0]) / max(rows - band, 1), -1.2), 1.2)
    start = -max(slope, 0) * rows
    wide = columns + ceil(abs(slope) * rows)
    sheared = []
    for down, row in enumerate(strength):
        line = []
        for right in range(wide):
            at = (right + 0.5) + slope * (down + 0.5) + start
            if not 0 <= at < columns:
                line.append(0.0)
                continue
            at -= 0.5
            before = floor(at)
            one, other = row[max(before, 0)], row[min(before + 1, columns - 1)]
            line.append(one + single(other - one) * (at - before))
        sheared.append(rounded(line))
    return crop(sheared)[0]
