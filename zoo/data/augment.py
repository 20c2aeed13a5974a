"""Data augmentation: images are warped and their strokes changed anew in every epoch.

After Simard, Steinkraus and Platt (2003). A warp moves the points at which an image is read;
all warps of an entry together cost one bilinear read. An intensity transform then changes the
pixels that were read. Some images share a map, so that the work for a map is done once for them.

Images that share a map are never adjacent in an epoch: the images of a block are assigned to its
maps in turn, so that a batch contains as many maps as it can.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from zoo.data.dataset import Bytes
from zoo.data.splits import Rows
from zoo.data.warps import Floats, Reader, Warp, middle_points

# An intensity transform changes an array (height, width, images) in place.
IntensityTransform = Callable[[Floats, np.random.Generator], None]

BLOCK_ROWS = 4096  # images that are augmented ahead of their use; at least one batch


@dataclass(frozen=True)
class AugmentationPipeline:
    """Warps and intensity transforms in their order, and the number of images that share a map."""

    warps: tuple[Warp, ...]
    intensities: tuple[IntensityTransform, ...]
    together: int

    def __bool__(self) -> bool:
        return bool(self.warps or self.intensities)


def stroke_width(share: float) -> IntensityTransform:
    """Make strokes bolder or finer: blend up to this share of the brightest or darkest neighbour.

    A share of 1 makes a stroke wider or narrower by a pixel on each side.
    """

    def transform(images: Floats, rng: np.random.Generator) -> None:
        amount = rng.uniform(-share, share)
        extreme = np.maximum if amount > 0 else np.minimum
        neighbours = images.copy()
        extreme(neighbours[1:], images[:-1], out=neighbours[1:])
        extreme(neighbours[:-1], images[1:], out=neighbours[:-1])
        extreme(neighbours[:, 1:], images[:, :-1], out=neighbours[:, 1:])
        extreme(neighbours[:, :-1], images[:, 1:], out=neighbours[:, :-1])
        neighbours -= images
        neighbours *= np.float32(abs(amount))
        images += neighbours

    return transform


class Augmented:
    """The images of a dataset, augmented differently in each epoch.

    All random numbers depend on the epoch's key and the number of the block, so that a training
    can be resumed in the middle of an epoch.
    """

    def __init__(
        self, images: Bytes, shape: tuple[int, int], recipe: AugmentationPipeline, *, batch: int
    ) -> None:
        self.images, self.shape, self.recipe = images, shape, recipe
        self.block = batch * max(1, BLOCK_ROWS // batch)  # so that a batch lies within one block
        self._augmented = np.empty((0, images.shape[1]), np.float32)
        self._reader = Reader(shape)
        self._block_number = -1
        self._order: Rows = np.empty(0, np.intp)

    def start_epoch(self, order: Rows, key: int) -> None:
        """Begin an epoch that reads the images in this order."""
        self._order, self._key, self._block_number = order, key, -1

    def batch(self, start: int, stop: int) -> Floats:
        """Return images `start` to `stop` of the epoch's order, all of the same block.

        The result is (batch, pixels) float32.
        """
        number, first = divmod(start, self.block)
        if number != self._block_number:
            rows = self._order[number * self.block : (number + 1) * self.block]
            self._augment_block(rows, np.random.default_rng([self._key, number]))
            self._block_number = number
        return self._augmented[first : first + stop - start]

    def _augment_block(self, rows: Rows, rng: np.random.Generator) -> None:
        if len(rows) > len(self._augmented):
            self._augmented = np.empty((len(rows), self.images.shape[1]), np.float32)
        maps = -(-len(rows) // self.recipe.together)
        points = middle_points(maps, self.shape)
        for warp in self.recipe.warps:
            warp(points, rng)
        index, weights = self._reader.bilinear(points)
        for number in range(maps):
            images = self._reader.read(self.images[rows[number::maps]], index, weights, number)
            for transform in self.recipe.intensities:
                transform(images, rng)
            self._augmented[number : len(rows) : maps] = images.reshape(-1, images.shape[2]).T


def samples(
    images: Bytes, shape: tuple[int, int], recipe: AugmentationPipeline, *, times: int, key: int
) -> Iterator[Floats]:
    """Yield these images this many times, each image augmented by a map of its own."""
    unshared = replace(recipe, together=1)
    augmented = Augmented(images, shape, unshared, batch=len(images))
    for number in range(times):
        augmented.start_epoch(np.arange(len(images)), key + number)
        yield augmented.batch(0, len(images))
