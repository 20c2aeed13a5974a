"""Normalization of an image to the form of the training data, with a record of the steps."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zoo.data.dataset import Bytes
from zoo.data.images.components import Mask
from zoo.data.images.constants import (
    BITMAP_HEIGHT,
    BITMAP_STROKE_RANGE,
    BITMAP_WIDTH,
    BOX,
    BOX_THRESHOLD,
    DIGITS,
    ENLARGED_INK,
    FINE,
    FINE_BIT,
    GROWTH_RANGE,
    HALF,
    LENGTH_CORRECTION,
    MAX_BITMAP_STROKE_SHARE,
    MAX_SLANT,
    MAX_STRETCH,
    MAX_STROKE_SHARE,
    MEAN_SET_PIXELS,
    MIDDLE,
    MNIST,
    REDRAWINGS,
    SET_PIXELS_TOLERANCE,
    SHRUNK_INK,
    SLANT_BANDS,
    STROKE_WIDTH_RANGE,
    TARGET_STROKE_WIDTH,
    WHITE,
)
from zoo.data.images.decode import DecodedImage, Floats
from zoo.data.images.segmentation import find_ink
from zoo.data.images.strokes import redraw_strokes, stroke_width
from zoo.errors import CorruptFileError

Preprocess = Literal["auto", "none"]


@dataclass(frozen=True)
class NormalizedImage:
    """An image in the form of the training data (uint8), and the steps that were applied."""

    image: Bytes
    steps: str


def normalize(
    decoded: DecodedImage, shape: tuple[int, int], *, preprocess: Preprocess, where: str
) -> NormalizedImage:
    """Return the image in the shape of the training data; `where` names it in errors."""
    if preprocess == "none":
        return unprocessed(decoded, shape, where=where)
    return {MNIST: as_mnist, DIGITS: as_digits}[shape](decoded, where=where)


def unprocessed(
    decoded: DecodedImage, shape: tuple[int, int], *, where: str, highest: int = WHITE
) -> NormalizedImage:
    """Return the stored pixels, or raise if they do not have the form of the training data.

    `highest` is the largest value of 8 x 8 images; the default is that of scikit-learn's digits.
    """
    rows, columns = decoded.grey.shape
    if (rows, columns) != shape:
        raise CorruptFileError(
            f"{where} has the wrong size; "
            f"expected {shape[1]} x {shape[0]} pixels, got {columns} x {rows}.",
            hint="To convert an image of any kind, use `--preprocess auto`.",
        )
    if decoded.alpha is not None:
        raise CorruptFileError(
            f"{where} has transparent pixels; expected only grey values.",
            hint="To handle transparency, use `--preprocess auto`.",
        )
    image = (decoded.grey * 255).round().astype(np.uint8)
    if shape == DIGITS and image.max() > highest:
        raise CorruptFileError(
            f"{where} contains the value {image.max()}; the maximum of the digits is {highest}.",
            hint="To convert an image of any kind, use `--preprocess auto`.",
        )
    return NormalizedImage(image, "; ".join([*decoded.notes, "as it is"]))


def as_mnist(decoded: DecodedImage, *, where: str) -> NormalizedImage:
    """Return (28, 28): the ink within 20 x 20 pixels, MNIST's stroke width, centred by mass."""
    ink = find_ink(decoded, where=where)
    strength, steps = ink.strength, [*decoded.notes, *ink.notes]
    if decoded.grey.shape == MNIST and abs(max(strength.shape) - BOX) <= 1:
        return NormalizedImage(_centred(strength), "; ".join([*steps, "centred"]))
    size = BOX * FINE / max(strength.shape)
    width = stroke_width(_strokes(strength, size, size)) / FINE
    if not STROKE_WIDTH_RANGE[0] <= width <= STROKE_WIDTH_RANGE[1]:
        # The centre lines of the strokes, not their edges, must span the box less one stroke width.
        size *= (BOX - TARGET_STROKE_WIDTH) / (BOX - min(width, MAX_STROKE_SHARE * BOX))
        strength = _cropped(
            redraw_strokes(_strokes(strength, size, size), width=TARGET_STROKE_WIDTH * FINE)
        )
        change = "thickened" if width < TARGET_STROKE_WIDTH else "thinned"
        steps.append(f"stroke {change} {width:.1f} -> {TARGET_STROKE_WIDTH} pixels")
    scale = BOX / max(strength.shape)
    rows, columns = (max(round(side * scale), 1) for side in strength.shape)
    return NormalizedImage(
        _centred(resized(strength, rows, columns)), "; ".join([*steps, "centred"])
    )


def _centred(small: Floats) -> Bytes:
    """Return (28, 28) with the centre of mass in the middle, rounded to a pixel."""
    shift_y, shift_x = (
        round(MIDDLE - float(np.arange(len(sums)) @ sums / sums.sum()))
        for sums in (small.sum(axis=1), small.sum(axis=0))
    )
    padded = np.pad(small, max(MNIST))  # so that the crop stays inside the array
    top, left = max(MNIST) - shift_y, max(MNIST) - shift_x
    return _to_bytes(padded[top : top + MNIST[0], left : left + MNIST[1]] * 255)


def as_digits(decoded: DecodedImage, *, where: str) -> NormalizedImage:
    """Return (8, 8): the set pixels of each 4 x 4 block of a bitmap like those of the digits."""
    ink = find_ink(decoded, where=where)
    strength, steps = ink.strength, [*decoded.notes, *ink.notes]
    if decoded.grey.shape == DIGITS and len(strength) == DIGITS[0]:
        counts = np.zeros(DIGITS, np.float32)
        counts[:, ink.left : ink.left + strength.shape[1]] = strength * WHITE
        return NormalizedImage(_to_bytes(counts), "; ".join(steps))
    strength = _deslanted(strength)
    rows, columns = strength.shape
    scale_y = BITMAP_HEIGHT * FINE_BIT / rows
    scale_x = min(BITMAP_WIDTH * FINE_BIT / columns, MAX_STRETCH * scale_y)
    bitmap = _strokes(strength, scale_y, scale_x)
    filled = bitmap.sum() / FINE_BIT**2
    if abs(filled - MEAN_SET_PIXELS) > SET_PIXELS_TOLERANCE:
        width = stroke_width(bitmap) / FINE_BIT
        length = filled / width
        for _ in range(REDRAWINGS):
            target_width = _within(BITMAP_STROKE_RANGE, MEAN_SET_PIXELS / length)
            growth_y = (BITMAP_HEIGHT - target_width) / (
                BITMAP_HEIGHT - min(width, MAX_BITMAP_STROKE_SHARE * BITMAP_HEIGHT)
            )
            growth_x = (BITMAP_WIDTH - target_width) / max(columns * scale_x / FINE_BIT - width, 1)
            redrawn = redraw_strokes(
                _strokes(strength, scale_y * growth_y, scale_x * _within(GROWTH_RANGE, growth_x)),
                width=target_width * FINE_BIT,
            )
            excess = redrawn.sum() / FINE_BIT**2 / MEAN_SET_PIXELS - 1
            length *= 1 + LENGTH_CORRECTION * excess
        strength = _cropped(redrawn)
        change = "thickened" if filled < MEAN_SET_PIXELS else "thinned"
        steps.append(f"stroke {change} {width:.1f} -> {target_width:.1f} of {BITMAP_HEIGHT} pixels")
        scale_x = min(BITMAP_WIDTH * FINE_BIT / strength.shape[1], MAX_STRETCH)
    bitmap_columns = min(max(round(strength.shape[1] * scale_x / FINE_BIT), 1), BITMAP_WIDTH)
    canvas = np.zeros((BITMAP_HEIGHT, BITMAP_HEIGHT), np.float32)
    left = (BITMAP_HEIGHT - bitmap_columns) // 2
    canvas[:, left : left + bitmap_columns] = resized(strength, BITMAP_HEIGHT, bitmap_columns)
    block = BITMAP_HEIGHT // DIGITS[0]
    counts = canvas.reshape(DIGITS[0], block, DIGITS[1], block).sum(axis=(1, 3))
    return NormalizedImage(
        _to_bytes(counts), "; ".join([*steps, "set upright", "counted in blocks"])
    )


def _deslanted(strength: Floats) -> Floats:
    """Return the ink sheared until its lowest row begins below its highest, as for the digits."""
    from PIL import Image

    rows, columns = strength.shape
    band = max(rows // SLANT_BANDS, 1)
    top, bottom = (
        int((rows_of_end > HALF).any(axis=0).argmax())
        for rows_of_end in (strength[:band], strength[-band:])
    )
    slope = _within((-MAX_SLANT, MAX_SLANT), (bottom - top) / max(rows - band, 1))
    start = -max(slope, 0) * rows
    sheared = Image.fromarray(strength).transform(
        (columns + math.ceil(abs(slope) * rows), rows),
        Image.Transform.AFFINE,
        (1, slope, start, 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    return _cropped(np.asarray(sheared))


def _strokes(strength: Floats, scale_y: float, scale_x: float) -> Mask:
    """Return the mask of the ink after scaling; downscaling keeps thin lines."""
    rows, columns = (
        max(round(len(strength) * scale_y), 1),
        max(round(strength.shape[1] * scale_x), 1),
    )
    if scale_y >= 1:
        return resized(strength, rows, columns) > ENLARGED_INK
    inked = np.nonzero(strength > SHRUNK_INK)
    mask = np.zeros((rows, columns), bool)
    mask[inked[0] * rows // strength.shape[0], inked[1] * columns // strength.shape[1]] = True
    return mask


def _within(limits: tuple[float, float], value: float) -> float:
    return min(max(value, limits[0]), limits[1])


def _cropped(values: Floats | Mask) -> Floats:
    inside = values > BOX_THRESHOLD
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)


def resized(values: Floats, rows: int, columns: int) -> Floats:
    """Return the resized values: box-averaged when shrinking, bicubic when enlarging."""
    from PIL import Image

    if values.shape == (rows, columns):
        return values
    method = Image.Resampling.BOX if rows < len(values) else Image.Resampling.BICUBIC
    resized = Image.fromarray(np.ascontiguousarray(values)).resize((columns, rows), method)
    return np.asarray(resized).clip(0, 1)


def _to_bytes(values: Floats) -> Bytes:
    return values.round().astype(np.uint8)
