"""Warps of images (shift, rotate, scale, shear, elastic), and the bilinear reader.

A warp changes the points at which an image is read. Points are (row, column) from the middle of
the image, in pixels.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Bytes

Floats = npt.NDArray[np.float32]
Warp = Callable[[Floats, np.random.Generator], None]  # changes (maps, 2, height, width) in place


def _uniform(points: Floats, rng: np.random.Generator, max_amount: float) -> Floats:
    """Return one number of [-max_amount, max_amount) for each map, as (maps, 1, 1)."""
    amounts = rng.uniform(-max_amount, max_amount, len(points)).astype(np.float32)
    return amounts[:, None, None]


def shift(pixels: float) -> Warp:
    """Move an image by up to this number of pixels, vertically and horizontally."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        points[:, 0] += _uniform(points, rng, pixels)
        points[:, 1] += _uniform(points, rng, pixels)

    return warp


def rotate(degrees: float) -> Warp:
    """Rotate an image about its middle by up to this angle."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        angle = _uniform(points, rng, math.radians(degrees))
        down, right = points[:, 0].copy(), points[:, 1].copy()
        points[:, 0] = np.cos(angle) * down - np.sin(angle) * right
        points[:, 1] = np.sin(angle) * down + np.cos(angle) * right

    return warp


def scale(share: float) -> Warp:
    """Make an image smaller or larger by up to this share, in height and width independently."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        points[:, 0] *= 1 + _uniform(points, rng, share)
        points[:, 1] *= 1 + _uniform(points, rng, share)

    return warp


def shear(share: float) -> Warp:
    """Shear an image: each row moves sideways by up to this share of its height."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        points[:, 1] += _uniform(points, rng, share) * points[:, 0]

    return warp


def elastic(alpha: float, sigma: float) -> Warp:
    """Distort an image by noise within +-alpha, smoothed by a Gaussian of sigma pixels."""

    def warp(points: Floats, rng: np.random.Generator) -> None:
        height, width = points.shape[2:]
        noise = rng.random(points.shape, dtype=np.float32)
        noise -= 0.5
        noise *= 2 * alpha
        points += _gaussian(height, sigma) @ noise @ _gaussian(width, sigma)

    return warp


def _gaussian(size: int, sigma: float) -> Floats:
    """Return the (size, size) matrix that smooths along an axis, with zeros beyond the edge."""
    distance = np.subtract.outer(np.arange(size), np.arange(size)) / sigma
    weights: Floats = (np.exp(-(distance**2) / 2) / (sigma * math.sqrt(2 * math.pi))).astype("f4")
    return weights


def middle_points(maps: int, shape: tuple[int, int]) -> Floats:
    """Return the unwarped points of each map, (maps, 2, height, width)."""
    points = np.empty((maps, 2, *shape), np.float32)
    down, right = (np.arange(size, dtype=np.float32) - (size - 1) / 2 for size in shape)
    points[:, 0], points[:, 1] = down[:, None], right
    return points


class Reader:
    """Reads images at points between their pixels, bilinearly; beyond the edge they are 0.

    Images are (pixels, images) inside this class, so that one index moves a contiguous row of
    memory. A border of zeros makes a test for points outside the image unnecessary.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.height, self.width = shape
        self.columns = self.width + 3  # one zero before the image and two after it
        self._padded = np.zeros((0, 0), np.float32)
        self._sum, self._term = np.empty((2, 0), np.float32)

    def bilinear(self, points: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
        """Return for each map and point the pixel above and to the left, and four weights."""
        maps = len(points)
        limits = np.array([self.height, self.width], np.float32).reshape(2, 1, 1)
        points = np.clip(points + (limits + 1) / 2, 0, limits + 1)  # in the padded image
        corner = np.floor(points)
        below, right = (points - corner).swapaxes(0, 1)
        above, left = 1 - below, 1 - right
        down, across = corner.astype(np.intp).swapaxes(0, 1)
        index = (down * self.columns + across).reshape(maps, -1)
        weights = np.stack([above * left, above * right, below * left, below * right], axis=1)
        return index, weights.reshape(maps, 4, -1, 1)

    def read(
        self, images: Bytes, index: npt.NDArray[np.intp], weights: Floats, number: int
    ) -> Floats:
        """Return images (n, pixels) read by one of the maps, as (height, width, n).

        The result is valid until the next call.
        """
        count, pixels = images.shape
        if self._padded.shape[1] != count:
            size = (self.height + 3) * self.columns
            self._padded = np.zeros((size, count), np.float32)
            self._sum, self._term = np.empty((2, pixels, count), np.float32)
        padded = self._padded.reshape(self.height + 3, self.columns, count)
        inside = padded[1 : 1 + self.height, 1 : 1 + self.width]
        inside[:] = images.T.reshape(self.height, self.width, count)
        for corner, offset in enumerate((0, 1, self.columns, self.columns + 1)):
            target = self._term if corner else self._sum
            self._padded[offset:].take(index[number], axis=0, out=target, mode="clip")
            np.multiply(target, weights[number, corner], out=target)
            if corner:
                np.add(self._sum, self._term, out=self._sum)
        return self._sum.reshape(self.height, self.width, count)
