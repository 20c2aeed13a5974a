"""Pictures bent anew for every epoch: shifted, turned, scaled, slanted, rippled, drawn bolder.

After Simard, Steinkraus and Platt (2003). A warp moves the points that a picture is read at, and
all warps of an entry together are one reading, between four pixels. An ink then changes what was
read. Some pictures share a map, so that what belongs to a map is done for them in one go.

A network never meets the neighbours of a map together: the pictures of a block are dealt out to
its maps like cards, so that a batch holds as many maps as it can.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from zoo.data.dataset import Bytes
from zoo.data.splits import Rows
from zoo.data.warps import Floats, Reader, Warp, middle_points

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


def samples(
    images: Bytes, shape: tuple[int, int], recipe: AugmentationPipeline, *, times: int, key: int
) -> Iterator[Floats]:
    """Yield these pictures so many times over, each bent by a map of its own."""
    alone = replace(recipe, together=1)
    bent = Augmented(images, shape, alone, batch=len(images))
    for number in range(times):
        bent.start_epoch(np.arange(len(images)), key + number)
        yield bent.batch(0, len(images))
