"""From anybody's picture to the form of the training data, and what was done to bring it there."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zoo.data.dataset import Bytes
from zoo.data.images.components import Mask
from zoo.data.images.decode import DecodedImage, Floats
from zoo.data.images.segmentation import BOX_THRESHOLD, HALF, find_ink
from zoo.data.images.strokes import redrawn, width_of
from zoo.errors import CorruptFileError

Preprocess = Literal["auto", "none"]

MNIST = (28, 28)
BOX = 20  # the longer side of every digit of MNIST
MIDDLE = 14  # where its centres of mass lie, counting pixels from 0
STROKE_WIDTH_RANGE = (
    1.7,
    3.3,
)  # widths of strokes that are left alone: wider ones too are read better thinned
TARGET_STROKE_WIDTH = 2.7  # the mean width of MNIST's strokes, to which the others are brought

DIGITS = (8, 8)
WHITE = 16  # their highest value
TALL, WIDE = 32, 20  # the box that the digits filled as bitmaps, before they were counted
SET = 312  # how many of the 32 x 32 were set on average, 1 as well as 8: the strokes were made fit
SPREAD = 90  # how far from it a bitmap may be before its strokes are redrawn
STRETCH = 1.2  # how much wider a narrow one is made

FINE = 6  # pixels that are drawn where MNIST has one
FINE_BIT = 4  # and where a bitmap has one


@dataclass(frozen=True)
class NormalizedImage:
    """A picture in the form of the training data, and one line that says what was done to it."""

    image: Bytes
    steps: str


def normalize(
    picture: DecodedImage, shape: tuple[int, int], *, preprocess: Preprocess, where: str
) -> NormalizedImage:
    """Return the picture in the shape of the training data; `where` names it in errors."""
    if preprocess == "none":
        return unprocessed(picture, shape, where=where)
    return {MNIST: as_mnist, DIGITS: as_digits}[shape](picture, where=where)


def unprocessed(picture: DecodedImage, shape: tuple[int, int], *, where: str) -> NormalizedImage:
    """Return the pixels as they are stored, or say why they cannot be training data."""
    rows, columns = picture.grey.shape
    if (rows, columns) != shape:
        raise CorruptFileError(
            f"{where} has {columns} x {rows} pixels; {shape[1]} x {shape[0]} were expected.",
            hint="`--preprocess auto` brings any picture to that form.",
        )
    if picture.alpha is not None:
        raise CorruptFileError(
            f"{where} is transparent in places; grey values alone were expected.",
            hint="`--preprocess auto` takes transparency into account.",
        )
    image = (picture.grey * 255).round().astype(np.uint8)
    if shape == DIGITS and image.max() > WHITE:
        raise CorruptFileError(
            f"{where} holds the value {image.max()}; {WHITE} is the highest of the digits.",
            hint="`--preprocess auto` brings any picture to that form.",
        )
    return NormalizedImage(image, "; ".join([*picture.notes, "as it is"]))


def as_mnist(picture: DecodedImage, *, where: str) -> NormalizedImage:
    """Return the ink in 20 x 20 pixels, its strokes as wide as MNIST's, its mass in the middle."""
    ink = find_ink(picture, where=where)
    strength, words = ink.strength, [*picture.notes, *ink.words]
    if picture.grey.shape == MNIST and abs(max(strength.shape) - BOX) <= 1:
        return NormalizedImage(_centred(strength), "; ".join([*words, "centred"]))
    size = BOX * FINE / max(strength.shape)
    width = width_of(_strokes(strength, size, size)) / FINE
    if not STROKE_WIDTH_RANGE[0] <= width <= STROKE_WIDTH_RANGE[1]:
        # The middles of the strokes, not their rims, are to span what the box leaves to them.
        size *= (BOX - TARGET_STROKE_WIDTH) / (BOX - min(width, 0.9 * BOX))
        strength = _cropped(
            redrawn(_strokes(strength, size, size), width=TARGET_STROKE_WIDTH * FINE)
        )
        change = "thickened" if width < TARGET_STROKE_WIDTH else "thinned"
        words.append(f"stroke {change} {width:.1f} -> {TARGET_STROKE_WIDTH} pixels")
    scale = BOX / max(strength.shape)
    rows, columns = (max(round(side * scale), 1) for side in strength.shape)
    return NormalizedImage(
        _centred(_resized(strength, rows, columns)), "; ".join([*words, "centred"])
    )


def _centred(small: Floats) -> Bytes:
    """Return 28 x 28 pixels with the centre of mass, to a whole pixel, in the middle."""
    down, right = (
        round(MIDDLE - float(np.arange(len(sums)) @ sums / sums.sum()))
        for sums in (small.sum(axis=1), small.sum(axis=0))
    )
    wide = np.pad(small, max(MNIST))  # so that nothing of it falls off at the wrong side
    top, left = max(MNIST) - down, max(MNIST) - right
    return _whole(wide[top : top + MNIST[0], left : left + MNIST[1]] * 255)


def as_digits(picture: DecodedImage, *, where: str) -> NormalizedImage:
    """Return how much is set of each 4 x 4 block of a bitmap like those the digits came from."""
    ink = find_ink(picture, where=where)
    strength, words = ink.strength, [*picture.notes, *ink.words]
    if picture.grey.shape == DIGITS and len(strength) == DIGITS[0]:
        counts = np.zeros(DIGITS, np.float32)
        counts[:, ink.left : ink.left + strength.shape[1]] = strength * WHITE
        return NormalizedImage(_whole(counts), "; ".join(words))
    strength = _upright(strength)
    rows, columns = strength.shape
    down = TALL * FINE_BIT / rows
    right = min(WIDE * FINE_BIT / columns, STRETCH * down)
    bitmap = _strokes(strength, down, right)
    filled = bitmap.sum() / FINE_BIT**2
    if abs(filled - SET) > SPREAD:
        width = width_of(bitmap) / FINE_BIT
        length = filled / width
        for _ in range(3):  # the redrawn strokes overlap more or less than the old ones
            best = min(max(SET / length, 2), 10)
            taller = (TALL - best) / (TALL - min(width, 0.6 * TALL))
            wider = (WIDE - best) / max(columns * right / FINE_BIT - width, 1)
            new = redrawn(
                _strokes(strength, down * taller, right * min(max(wider, 0.3), 2)),
                width=best * FINE_BIT,
            )
            length *= 1 + 0.7 * (new.sum() / FINE_BIT**2 / SET - 1)
        strength = _cropped(new)
        change = "thickened" if filled < SET else "thinned"
        words.append(f"stroke {change} {width:.1f} -> {best:.1f} of {TALL} pixels")
        right = min(WIDE * FINE_BIT / strength.shape[1], STRETCH)
    across = min(max(round(strength.shape[1] * right / FINE_BIT), 1), WIDE)
    canvas = np.zeros((TALL, TALL), np.float32)
    left = (TALL - across) // 2
    canvas[:, left : left + across] = _resized(strength, TALL, across)
    counts = canvas.reshape(8, 4, 8, 4).sum(axis=(1, 3))
    return NormalizedImage(_whole(counts), "; ".join([*words, "set upright", "counted in blocks"]))


def _upright(strength: Floats) -> Floats:
    """Return the ink sheared until its lowest row begins under its highest, as the digits were."""
    from PIL import Image

    rows, columns = strength.shape
    band = max(rows // 16, 1)
    begins = [
        int((ends > HALF).any(axis=0).argmax()) for ends in (strength[:band], strength[-band:])
    ]
    slope = min(max((begins[1] - begins[0]) / max(rows - band, 1), -1.2), 1.2)
    start = -max(slope, 0) * rows
    sheared = Image.fromarray(strength).transform(
        (columns + math.ceil(abs(slope) * rows), rows),
        Image.Transform.AFFINE,
        (1, slope, start, 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    return _cropped(np.asarray(sheared))


def _strokes(strength: Floats, down: float, right: float) -> Mask:
    """Return what is ink after scaling; no hairline is lost, every pixel of it leaves its mark."""
    rows, columns = max(round(len(strength) * down), 1), max(round(strength.shape[1] * right), 1)
    if down >= 1:
        return _resized(strength, rows, columns) > HALF - 0.05
    marks = np.nonzero(strength > HALF - 0.1)
    mask = np.zeros((rows, columns), bool)
    mask[marks[0] * rows // strength.shape[0], marks[1] * columns // strength.shape[1]] = True
    return mask


def _cropped(values: Floats | Mask) -> Floats:
    seen = values > BOX_THRESHOLD
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)


def _resized(values: Floats, rows: int, columns: int) -> Floats:
    """Return the values in another size: averaged where it is smaller, smooth where larger."""
    from PIL import Image

    if values.shape == (rows, columns):
        return values
    how = Image.Resampling.BOX if rows < len(values) else Image.Resampling.BICUBIC
    resized = Image.fromarray(np.ascontiguousarray(values)).resize((columns, rows), how)
    return np.asarray(resized).clip(0, 1)


def _whole(values: Floats) -> Bytes:
    return values.round().astype(np.uint8)
