"""From any image to the form of the training data: zoo/data/images/normalize.py without NumPy."""

from __future__ import annotations

from .errors import CorruptError
from .float32 import rounded, single, total
from .segmentation import crop, find_ink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .image import Picture
    from .resize import Grid
    from .segmentation import Mask

MNIST, DIGITS = (28, 28), (8, 8)
SIDE, MIDDLE = 20, 14  # of every digit of MNIST, and where its mass lies
USUAL, BEST = (1.7, 3.3), 2.7  # widths of strokes: what is left alone, and what others become
WHITE = 16  # the highest value of the digits
FINE = 6
SOLID, MARK = single(0.45), single(0.4)
HINT = "--preprocess auto brings any picture to that form."


class Drawn:
    """A picture in the form of the training data, and one line that says what was done to it."""

    def __init__(self, image: bytes, said: str) -> None:
        self.image = image
        self.said = said


def as_it_is(picture: Picture, shape: tuple[int, int], *, where: str) -> Drawn:
    """Return the pixels as they are stored, or say why they cannot be training data."""
    rows, columns = picture.size
    if (rows, columns) != shape:
        msg = f"{where} has {columns} x {rows} pixels; {shape[1]} x {shape[0]} were expected."
        raise CorruptError(msg, hint=HINT)
    if picture.alpha is not None:
        msg = f"{where} is transparent in places; grey values alone were expected."
        raise CorruptError(msg, hint="--preprocess auto takes transparency into account.")
    image = whole([rounded(value * 255 for value in row) for row in picture.grey])
    if shape == DIGITS and max(image) > WHITE:
        msg = f"{where} holds the value {max(image)}; {WHITE} is the highest of the digits."
        raise CorruptError(msg, hint=HINT)
    return Drawn(image, "; ".join([*picture.notes, "as it is"]))


def as_mnist(picture: Picture, *, where: str) -> Drawn:
    """Return the ink in 20 x 20 pixels, its strokes as wide as MNIST's, its mass in the middle."""
    ink = find_ink(picture, where=where)
    strength, words = ink.strength, [*picture.notes, *ink.words]
    longer = max(len(strength), len(strength[0]))
    if picture.size == MNIST and abs(longer - SIDE) <= 1:
        return Drawn(_centred(strength), "; ".join([*words, "centred"]))
    from .strokes import redrawn, width_of

    size = SIDE * FINE / longer
    width = width_of(strokes(strength, size, size)) / FINE
    if not USUAL[0] <= width <= USUAL[1]:
        size *= (SIDE - BEST) / (SIDE - min(width, 0.9 * SIDE))
        again = redrawn(strokes(strength, size, size), width=BEST * FINE)
        strength, _ = crop(as_numbers(again))
        change = "thickened" if width < BEST else "thinned"
        words.append(f"stroke {change} {width:.1f} -> {BEST} pixels")
    scale = SIDE / max(len(strength), len(strength[0]))
    rows, columns = (max(round(side * scale), 1) for side in (len(strength), len(strength[0])))
    return Drawn(_centred(resized(strength, rows, columns)), "; ".join([*words, "centred"]))


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
    return whole(canvas)


def strokes(strength: Grid, down: float, right: float) -> Mask:
    """Return what is ink after scaling; no hairline is lost, every pixel of it leaves its mark."""
    height, width = len(strength), len(strength[0])
    rows, columns = max(round(height * down), 1), max(round(width * right), 1)
    if down >= 1:
        return [[value > SOLID for value in row] for row in resized(strength, rows, columns)]
    mask = [[False] * columns for _ in range(rows)]
    for place, row in enumerate(strength):
        line = mask[place * rows // height]
        for column, value in enumerate(row):
            if value > MARK:
                line[column * columns // width] = True
    return mask


def as_numbers(mask: Mask) -> Grid:
    """Return 1 for what is set and 0 for the rest."""
    return [list(map(float, row)) for row in mask]


def resized(values: Grid, rows: int, columns: int) -> Grid:
    """Return the values in another size: averaged where it is smaller, smooth where larger."""
    if (len(values), len(values[0])) == (rows, columns):
        return values
    from .resize import BOX, CUBIC, resize

    found = resize(values, rows, columns, BOX if rows < len(values) else CUBIC)
    return [[min(max(value, 0.0), 1.0) for value in row] for row in found]


def whole(rows: Sequence[Sequence[float]]) -> bytes:
    """Return the nearest whole numbers, row behind row."""
    return bytes(round(value) for row in rows for value in row)
