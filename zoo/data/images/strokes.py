"""Stroke width: measuring it, and redrawing strokes with another width."""

import math

import numpy as np

from zoo.data.images.components import Mask
from zoo.data.images.constants import BLOB, SLOPE, SLOPE_STEPS
from zoo.data.images.decode import Floats


def distances(mask: Mask, *, reach: int) -> Floats:
    """Return each pixel's distance from the nearest one that is set, at most reach + 1."""
    far = reach + 1
    rows = np.arange(len(mask))[:, None]
    above = np.maximum.accumulate(np.where(mask, rows, -far), axis=0)
    below = np.minimum.accumulate(np.where(mask, rows, len(mask) + far)[::-1], axis=0)[::-1]
    column = np.minimum(np.minimum(rows - above, below - rows), far).astype(np.float32) ** 2
    squares = column.copy()
    for step in range(1, min(far, mask.shape[1])):
        if step * step >= squares.max():
            break  # no distance is larger than this step
        shifted = column + step * step
        np.minimum(squares[:, step:], shifted[:, :-step], out=squares[:, step:])
        np.minimum(squares[:, :-step], shifted[:, step:], out=squares[:, :-step])
    return np.minimum(np.sqrt(squares), far)


def stroke_width(mask: Mask) -> float:
    """Return the width of the strokes: four times the mean distance from their edges.

    Across a stroke of width w the distance from the edge rises from 0 to w / 2 and falls again.
    """
    padded = np.pad(mask, 1)
    inside = distances(~padded, reach=max(mask.shape) // 2)[padded]
    return 4 * float(inside.mean() - 0.5)


def redraw_strokes(mask: Mask, *, width: float) -> Mask:
    """Return the strokes redrawn along their centre lines with this width.

    A disc lies around every point of the centre line; a pixel is set if it lies in any of them.
    Where the ink is much wider than its strokes, a loop has filled up, and the disc is larger by
    the excess.
    """
    margin = max(mask.shape) // 2 + 2
    padded = np.pad(mask, math.ceil(width / 2) + 2)
    inside = distances(~padded, reach=margin)
    centre = _centre_line(inside)
    half = np.median(inside[centre])
    radii = np.where(centre, width / 2 + (inside - BLOB * half).clip(min=0), 0)
    reach = math.ceil(radii.max())
    return _highest_parabola(_highest_parabola(np.square(radii), reach).T, reach).T > 0


def _centre_line(inside: Floats) -> Mask:
    """Return the pixels from which no step increases the distance from the edge by much."""
    rows, columns = inside.shape
    centre = inside > 0
    for down, right in SLOPE_STEPS:
        rise = SLOPE * math.hypot(down, right)
        near = inside[: rows - down, max(-right, 0) : columns - max(right, 0)]
        far = inside[down:, max(right, 0) : columns + min(right, 0)]
        centre[: rows - down, max(-right, 0) : columns - max(right, 0)] &= far < near + rise
        centre[down:, max(right, 0) : columns + min(right, 0)] &= near < far + rise
    return centre


def _highest_parabola(squares: Floats, reach: int) -> Floats:
    """Return at each pixel the maximum of the downward parabolas centred on its row's pixels."""
    highest = squares.copy()
    for step in range(1, reach + 1):
        lower = squares - step * step
        np.maximum(highest[:, step:], lower[:, :-step], out=highest[:, step:])
        np.maximum(highest[:, :-step], lower[:, step:], out=highest[:, :-step])
    return highest
