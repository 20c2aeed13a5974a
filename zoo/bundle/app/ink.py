"""From anybody's picture to the form of the training data: zoo/data/ink.py without NumPy."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

from .faults import Corrupt
from .finding import HALF, crop, find_ink
from .floats import rounded, single, total
from .resizing import BOX, CUBIC, Grid, resize
from .strokes import redrawn, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .finding import Mask
    from .raster import Picture

MNIST, DIGITS = (28, 28), (8, 8)
SIDE, MIDDLE = 20, 14  # of every digit of MNIST, and where its mass lies
USUAL, BEST = (1.7, 3.3), 2.7  # widths of strokes: what is left alone, and what others become
WHITE, TALL, WIDE, SET, SPREAD, STRETCH = 16, 32, 20, 312, 90, 1.2  # of the digits' bitmaps
FINE, FINE_BIT = 6, 4
SOLID, MARK = single(0.45), single(0.4)
HINT = "--preprocess auto brings any picture to that form."


class Drawn(NamedTuple):
    """A picture in the form of the training data, and one line that says what was done to it."""

    image: bytes
    said: str


def drawn(picture: Picture, shape: tuple[int, int], *, preprocess: str, where: str) -> Drawn:
    """Return the picture in the shape of the training data; `where` names it in errors."""
    if preprocess == "none":
        return as_it_is(picture, shape, where=where)
    return (as_mnist if shape == MNIST else as_digits)(picture, where=where)


def as_it_is(picture: Picture, shape: tuple[int, int], *, where: str) -> Drawn:
    """Return the pixels as they are stored, or say why they cannot be training data."""
    rows, columns = picture.size
    if (rows, columns) != shape:
        msg = f"{where} has {columns} x {rows} pixels; {shape[1]} x {shape[0]} were expected."
        raise Corrupt(msg, hint=HINT)
    if picture.alpha is not None:
        msg = f"{where} is transparent in places; grey values alone were expected."
        raise Corrupt(msg, hint="--preprocess auto takes transparency into account.")
    image = _whole([rounded(value * 255 for value in row) for row in picture.grey])
    if shape == DIGITS and max(image) > WHITE:
        msg = f"{where} holds the value {max(image)}; {WHITE} is the highest of the digits."
        raise Corrupt(msg, hint=HINT)
    return Drawn(image, "; ".join([*picture.notes, "as it is"]))


def as_mnist(picture: Picture, *, where: str) -> Drawn:
    """Return the ink in 20 x 20 pixels, its strokes as wide as MNIST's, its mass in the middle."""
    ink = find_ink(picture, where=where)
    strength, words = ink.strength, [*picture.notes, *ink.words]
    longer = max(len(strength), len(strength[0]))
    if picture.size == MNIST and abs(longer - SIDE) <= 1:
        return Drawn(_centred(strength), "; ".join([*words, "centred"]))
    size = SIDE * FINE / longer
    width = width_of(_strokes(strength, size, size)) / FINE
    if not USUAL[0] <= width <= USUAL[1]:
        size *= (SIDE - BEST) / (SIDE - min(width, 0.9 * SIDE))
        again = redrawn(_strokes(strength, size, size), width=BEST * FINE)
        strength, _ = crop(_as_numbers(again))
        change = "thickened" if width < BEST else "thinned"
        words.append(f"stroke {change} {width:.1f} -> {BEST} pixels")
    scale = SIDE / max(len(strength), len(strength[0]))
    rows, columns = (max(round(side * scale), 1) for side in (len(strength), len(strength[0])))
    return Drawn(_centred(_resized(strength, rows, columns)), "; ".join([*words, "centred"]))


def _centred(small: Grid) -> bytes:
    """Return 28 x 28 pixels with the centre of mass, to a whole pixel, in the middle."""
    across = [total(row) for row in small]
    along = [0.0] * len(small[0])
    for row in small:
        along = rounded(map(float.__add__, along, row))
    down, right = (
        round(MIDDLE - sum(place * sum_ for place, sum_ in enumerate(sums)) / total(sums))
        for sums in (across, along)
    )
    canvas: Grid = [[0.0] * MNIST[1] for _ in range(MNIST[0])]
    for place, row in enumerate(small, down):
        if 0 <= place < MNIST[0]:
            line = canvas[place]
            for column, value in enumerate(rounded(value * 255 for value in row), right):
                if 0 <= column < MNIST[1]:
                    line[column] = value
    return _whole(canvas)


def as_digits(picture: Picture, *, where: str) -> Drawn:
    """Return how much is set of each 4 x 4 block of a bitmap like those the digits came from."""
    ink = find_ink(picture, where=where)
    strength, words = ink.strength, [*picture.notes, *ink.words]
    if picture.size == DIGITS and len(strength) == DIGITS[0]:
        right = [0.0] * (DIGITS[1] - ink.left - len(strength[0]))
        counts = [[0.0] * ink.left + [value * WHITE for value in row] + right for row in strength]
        return Drawn(_whole(counts), "; ".join(words))
    strength = _upright(strength)
    rows, columns = len(strength), len(strength[0])
    down = TALL * FINE_BIT / rows
    right_ = min(WIDE * FINE_BIT / columns, STRETCH * down)
    bitmap = _strokes(strength, down, right_)
    filled = sum(map(sum, bitmap)) / FINE_BIT**2
    if abs(filled - SET) > SPREAD:
        width = width_of(bitmap) / FINE_BIT
        length = filled / width
        for _ in range(3):  # the redrawn strokes overlap more or less than the old ones
            best = min(max(SET / length, 2), 10)
            taller = (TALL - best) / (TALL - min(width, 0.6 * TALL))
            wider = (WIDE - best) / max(columns * right_ / FINE_BIT - width, 1)
            strokes = _strokes(strength, down * taller, right_ * min(max(wider, 0.3), 2))
            new = redrawn(strokes, width=best * FINE_BIT)
            length *= 1 + 0.7 * (sum(map(sum, new)) / FINE_BIT**2 / SET - 1)
        strength, _left = crop(_as_numbers(new))
        change = "thickened" if filled < SET else "thinned"
        words.append(f"stroke {change} {width:.1f} -> {best:.1f} of {TALL} pixels")
        right_ = min(WIDE * FINE_BIT / len(strength[0]), STRETCH)
    across = min(max(round(len(strength[0]) * right_ / FINE_BIT), 1), WIDE)
    left = (TALL - across) // 2
    edge, other = [0.0] * left, [0.0] * (TALL - across - left)
    canvas = [edge + row + other for row in _resized(strength, TALL, across)]
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
    return _whole(counts)


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


def _strokes(strength: Grid, down: float, right: float) -> Mask:
    """Return what is ink after scaling; no hairline is lost, every pixel of it leaves its mark."""
    height, width = len(strength), len(strength[0])
    rows, columns = max(round(height * down), 1), max(round(width * right), 1)
    if down >= 1:
        return [[value > SOLID for value in row] for row in _resized(strength, rows, columns)]
    mask = [[False] * columns for _ in range(rows)]
    for place, row in enumerate(strength):
        line = mask[place * rows // height]
        for column, value in enumerate(row):
            if value > MARK:
                line[column * columns // width] = True
    return mask


def _as_numbers(mask: Mask) -> Grid:
    return [list(map(float, row)) for row in mask]


def _resized(values: Grid, rows: int, columns: int) -> Grid:
    """Return the values in another size: averaged where it is smaller, smooth where larger."""
    if (len(values), len(values[0])) == (rows, columns):
        return values
    found = resize(values, rows, columns, BOX if rows < len(values) else CUBIC)
    return [[min(max(value, 0.0), 1.0) for value in row] for row in found]


def _whole(rows: Sequence[Sequence[float]]) -> bytes:
    return bytes(round(value) for row in rows for value in row)
