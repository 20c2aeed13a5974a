"""Pictures bent anew for every epoch: shifted, turned, scaled, slanted, rippled, drawn bolder.

After Simard, Steinkraus and Platt (2003). A warp moves the points that a picture is read at, and
all warps of an entry together are one reading, between four pixels. An ink then changes what was
read. Some pictures share a map, so that what belongs to a map is done for them in one go.

A network never meets the neighbours of a map together: the pictures of a block are dealt out to
its maps like cards, so that a batch holds as many maps as it can.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Bytes
from zoo.data.splits import Rows

Floats = npt.NDArray[np.float32]
Warp = Callable[[Floats, np.random.Generator], None]  # changes (maps, 2, height, width) in place
IntensityTransform = Callable[
    [Floats, np.random.Generator], None
]  # changes (height, width, pictures) in place

BLOCK_ROWS = 4096  # pictures that are bent ahead, at least a batch of them


@dataclass(frozen=True)
class AugmentationPipeline:
    """How pictures are bent: warps and inks in their order, and how many pictures share a map."""

    warps: tuple[Warp, ...]
    intensities: tuple[IntensityTransform, ...]
    together: int

    def __bool__(self) -> bool:
        return bool(self.warps or self.intensities)


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


# --- inks ---------------------------------------------------------------------------------


def stroke_width(share: float) -> IntensityTransform:
    """Draw bolder or finer: go up to this share of the way to the brightest or darkest neighbour.

    A whole way makes a stroke wider or narrower by a pixel on each side.
    """

    def ink(pictures: Floats, rng: np.random.Generator) -> None:
        way = rng.uniform(-share, share)
        reach = np.maximum if way > 0 else np.minimum
        far = pictures.copy()
        reach(far[1:], pictures[:-1], out=far[1:])
        reach(far[:-1], pictures[1:], out=far[:-1])
        reach(far[:, 1:], pictures[:, :-1], out=far[:, 1:])
        reach(far[:, :-1], pictures[:, 1:], out=far[:, :-1])
        far -= pictures
        far *= np.float32(abs(way))
        pictures += far

    return ink


# --- bending ------------------------------------------------------------------------------


class Augmented:
    """The pictures of a dataset as a training reads them, epoch by epoch, each time others.

    All that chance gives hangs on the epoch's key and the block's number: an epoch can be entered
    in its middle.
    """

    def __init__(
        self, images: Bytes, shape: tuple[int, int], recipe: AugmentationPipeline, *, batch: int
    ) -> None:
        self.images, self.shape, self.recipe = images, shape, recipe
        self.block = batch * max(1, BLOCK_ROWS // batch)  # so that a batch lies within one
        self._bent = np.empty((0, images.shape[1]), np.float32)
        self._reader = Reader(shape)
        self._number = -1
        self._order: Rows = np.empty(0, np.intp)

    def start_epoch(self, order: Rows, key: int) -> None:
        """Begin an epoch that reads the pictures in this order."""
        self._order, self._key, self._number = order, key, -1

    def batch(self, start: int, stop: int) -> Floats:
        """Return pictures `start` to `stop` of the epoch's order, which share a block."""
        number, first = divmod(start, self.block)
        if number != self._number:
            rows = self._order[number * self.block : (number + 1) * self.block]
            self._augment_block(rows, np.random.default_rng([self._key, number]))
            self._number = number
        return self._bent[first : first + stop - start]

    def _augment_block(self, rows: Rows, rng: np.random.Generator) -> None:
        if len(rows) > len(self._bent):
            self._bent = np.empty((len(rows), self.images.shape[1]), np.float32)
        maps = -(-len(rows) // self.recipe.together)
        points = middle_points(maps, self.shape)
        for warp in self.recipe.warps:
            warp(points, rng)
        places = self._reader.places(points)
        for number in range(maps):
            pictures = self._reader.read(self.images[rows[number::maps]], *places, number)
            for ink in self.recipe.intensities:
                ink(pictures, rng)
            self._bent[number : len(rows) : maps] = pictures.reshape(-1, pictures.shape[2]).T


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


def samples(
    images: Bytes, shape: tuple[int, int], recipe: AugmentationPipeline, *, times: int, key: int
) -> Iterator[Floats]:
    """Yield these pictures so many times over, each bent by a map of its own."""
    alone = replace(recipe, together=1)
    bent = Augmented(images, shape, alone, batch=len(images))
    for number in range(times):
        bent.start_epoch(np.arange(len(images)), key + number)
        yield bent.batch(0, len(images))
