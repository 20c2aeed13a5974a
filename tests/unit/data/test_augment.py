"""Augmentation: strokes, shared maps, epochs."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.helpers.fixed_rng import FixedUniform
from zoo.data import augment
from zoo.data.augment import AugmentationPipeline, Augmented, IntensityTransform
from zoo.data.warps import Floats, Warp, elastic, rotate, shift

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (50, 9 * 7)).astype(np.uint8)
SHAPE = (9, 7)


@pytest.mark.parametrize(("share", "scipy_function"), [(1, "grey_dilation"), (-1, "grey_erosion")])
def test_stroke_as_in_scipy(share: float, scipy_function: str) -> None:
    """A full step takes the brightest or the darkest neighbour."""
    from scipy import ndimage

    images = IMAGES.reshape(-1, *SHAPE).astype(np.float32)
    bolder = images.transpose(1, 2, 0).copy()
    augment.stroke_width(1)(bolder, FixedUniform(share))
    cross = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
    expected = getattr(ndimage, scipy_function)(images, footprint=cross, mode="nearest")
    assert np.array_equal(bolder.transpose(2, 0, 1), expected)


def test_stroke_half() -> None:
    images = IMAGES.reshape(-1, *SHAPE).astype(np.float32).transpose(1, 2, 0)
    half, full = images.copy(), images.copy()
    augment.stroke_width(1)(half, FixedUniform(0.5))
    augment.stroke_width(1)(full, FixedUniform(1))
    assert half == pytest.approx((images + full) / 2)


WARPS = (shift(1), rotate(20), elastic(5, 2))


def augmented(
    together: int = 4,
    *,
    warps: Sequence[Warp] = WARPS,
    inks: Sequence[IntensityTransform] = (augment.stroke_width(0.5),),
    batch: int = 6,
) -> Augmented:
    recipe = AugmentationPipeline(tuple(warps), tuple(inks), together)
    return Augmented(IMAGES, SHAPE, recipe, batch=batch)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "BLOCK_ROWS", 20)


@pytest.mark.parametrize("together", [1, 3, 4, 100])
@pytest.mark.parametrize("batch", [1, 6, 50])
def test_augmented_epoch_order(together: int, batch: int) -> None:
    order = RNG.permutation(50)
    unchanged = augmented(together, warps=(), inks=(), batch=batch)
    unchanged.start_epoch(order, 7)
    read = [unchanged.batch(start, min(start + batch, 50)).copy() for start in range(0, 50, batch)]
    assert np.array_equal(np.concatenate(read), IMAGES[order])


def test_augmented_shared_maps() -> None:
    """Images of a batch share its maps in turn."""

    def count(points: Floats, _: np.random.Generator) -> None:  # map n reads n pixels further down
        points[:, 0] += np.arange(len(points), dtype=np.float32)[:, None, None]

    counting = augmented(4, warps=(count,), inks=(), batch=6)  # blocks of 18 images, so of 5 maps
    counting.start_epoch(np.arange(50), 0)
    for start in (0, 12, 18, 24):  # in two blocks
        for row, image in enumerate(counting.batch(start, start + 6), start=start):
            number = row % 18 % 5
            expected = np.zeros(SHAPE, np.float32)
            expected[: 9 - number] = IMAGES[row].reshape(SHAPE)[number:]
            assert np.array_equal(image.reshape(SHAPE), expected)


def test_augmented_epoch_from_the_middle() -> None:
    """A batch depends on the epoch's key and its position, not on what was read before."""

    def epoch(key: int) -> Floats:
        augmented_images = augmented()
        augmented_images.start_epoch(np.arange(50), key)
        return np.concatenate(
            [augmented_images.batch(start, min(start + 6, 50)).copy() for start in range(0, 50, 6)]
        )

    resumed = augmented()
    resumed.start_epoch(np.arange(50), 5)
    assert np.array_equal(resumed.batch(30, 36), epoch(5)[30:36])
    assert np.array_equal(resumed.batch(0, 6), epoch(5)[:6])
    assert not np.array_equal(epoch(6), epoch(5))


def test_augmented_leaves_data_unchanged() -> None:
    before = IMAGES.copy()
    augmented_images = augmented()
    augmented_images.start_epoch(np.arange(50), 0)
    augmented_images.batch(0, 6)
    assert np.array_equal(IMAGES, before)
