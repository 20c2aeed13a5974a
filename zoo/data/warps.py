"""Warps of images: shift, rotate, scale, shear, elastic; and the reader that applies them."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Bytes

Floats = npt.NDArray[np.float32]
Warp = Callable[[Floats, np.random.Generator], None]  # changes (maps, 2, height, width) in place


# --- warps: points are (row, column) from the middle of the picture, in pixels ------------


def _draw(points: Floats, rng: np.random.Generator, max_amount: float) -> Floats:
    """Return a number in [-most, most) for each map, in a shape that spreads over its points."""
    drawn = rng.uniform(-max_amount, max_amount, len(points)).astype(np.float32)
    return drawn[:, None, None]


def shift(pixels: float) -> Warp:
    """Move a picture by up to so many pixels, up or down and sideways."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        points[:, 0] += _draw(points, rng, pixels)
        points[:, 1] += _draw(points, rng, pixels)

    return warp


def rotate(degrees: float) -> Warp:
    """Turn a picture about its middle by up to so many degrees."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        angle = _draw(points, rng, math.radians(degrees))
        down, right = points[:, 0].copy(), points[:, 1].copy()
        points[:, 0] = np.cos(angle) * down - np.sin(angle) * right
        points[:, 1] = np.sin(angle) * down + np.cos(angle) * right

    return warp


def scale(share: float) -> Warp:
    """Make a picture smaller or larger by up to this share, in height and width apart."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        points[:, 0] *= 1 + _draw(points, rng, share)
        points[:, 1] *= 1 + _draw(points, rng, share)

    return warp


def shear(share: float) -> Warp:
    """Slant a picture: every row moves sideways by up to this share of its height above."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        points[:, 1] += _draw(points, rng, share) * points[:, 0]

    return warp


def elastic(alpha: float, sigma: float) -> Warp:
    """Ripple a picture: noise within +-alpha, smoothed by a Gaussian of sigma pixels."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        height, width = points.shape[2:]
        noise = rng.random(points.shape, dtype=np.float32)
        noise -= 0.5
        noise *= 2 * alpha
        points += _gaussian(height, sigma) @ noise @ _gaussian(width, sigma)

    return warp


def _gaussian(size: int, sigma: float) -> Floats:
    """Return the matrix that smooths along an axis; beyond the edge there is nothing."""
    apart = np.subtract.outer(np.arange(size), np.arange(size)) / sigma
    weights: Floats = (np.exp(-(apart**2) / 2) / (sigma * math.sqrt(2 * math.pi))).astype("f4")
    return weights


def middle_points(maps: int, shape: tuple[int, int]) -> Floats:
    """Return for each map where every pixel is read from, as long as nothing is bent."""
    points = np.empty((maps, 2, *shape), np.float32)
    down, right = (np.arange(size, dtype=np.float32) - (size - 1) / 2 for size in shape)
    points[:, 0], points[:, 1] = down[:, None], right
    return points


class Reader:
    """Reads pictures at points between their pixels; beyond the edge they are 0.

    Pictures stand pixel by pixel here, (pixels, pictures), so that one index moves a whole row of
    memory. A frame of zeros around them spares asking whether a point is inside.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.height, self.width = shape
        self.columns = self.width + 3  # one zero before the picture and two behind
        self._framed = np.zeros((0, 0), np.float32)
        self._read, self._more = np.empty((2, 0), np.float32)

    def places(self, points: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
        """Return for each map the pixel above and to the left of every point, and four weights."""
        maps = len(points)
        limits = np.array([self.height, self.width], np.float32).reshape(2, 1, 1)
        points = np.clip(points + (limits + 1) / 2, 0, limits + 1)  # in the frame
        whole = np.floor(points)
        below, right = (points - whole).swapaxes(0, 1)
        above, left = 1 - below, 1 - right
        down, across = whole.astype(np.intp).swapaxes(0, 1)
        index = (down * self.columns + across).reshape(maps, -1)
        weights = np.stack([above * left, above * right, below * left, below * right], axis=1)
        return index, weights.reshape(maps, 4, -1, 1)

    def read(
        self, images: Bytes, index: npt.NDArray[np.intp], weights: Floats, number: int
    ) -> Floats:
        """Return pictures read by one of the maps, (height, width, pictures), until the next."""
        count, pixels = images.shape
        if self._framed.shape[1] != count:
            size = (self.height + 3) * self.columns
            self._framed = np.zeros((size, count), np.float32)
            self._read, self._more = np.empty((2, pixels, count), np.float32)
        framed = self._framed.reshape(self.height + 3, self.columns, count)
        inside = framed[1 : 1 + self.height, 1 : 1 + self.width]
        inside[:] = images.T.reshape(self.height, self.width, count)
        read, more = self._read, self._more
        for corner, offset in enumerate((0, 1, self.columns, self.columns + 1)):
            into = more if corner else read
            self._framed[offset:].take(index[number], axis=0, out=into, mode="clip")
            np.multiply(into, weights[number, corner], out=into)
            if corner:
                np.add(read, more, out=read)
        return read.reshape(self.height, self.width, count)
