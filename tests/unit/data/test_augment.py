"""Augmentation: warps, strokes, shared maps, epochs."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data import augment
from zoo.data.augment import (
    AugmentationPipeline,
    Augmented,
    IntensityTransform,
    Reader,
    Warp,
    middle_points,
)

Floats = npt.NDArray[np.float32]
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (50, 9 * 7)).astype(np.uint8)
SHAPE = (9, 7)


class Drawn(np.random.Generator):
    """A generator whose uniform numbers are known beforehand, as shares of the most."""

    def __init__(self, *shares: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.shares = list(shares)

    def uniform(self, low: float = 0, high: float = 1, size: object = None) -> object:  # type: ignore[override]
        share = self.shares.pop(0)
        value = (low + high) / 2 + share * (high - low) / 2
        return np.full(int(size), value) if isinstance(size, int) else value


def read(points: Floats, images: npt.NDArray[np.uint8] = IMAGES) -> Floats:
    """Return images as (n, rows, columns), read at the points of a single map."""
    shape = (points.shape[2], points.shape[3])
    reader = Reader(shape)
    return reader.read(images, *reader.places(points), 0).transpose(2, 0, 1).copy()


def warped(warp: Warp, *shares: float) -> Floats:
    points = middle_points(1, SHAPE)
    warp(points, Drawn(*shares))
    return read(points)


def as_images(images: npt.NDArray[np.uint8]) -> Floats:
    return images.reshape(-1, *SHAPE).astype(np.float32)


def test_reader_identity() -> None:
    assert np.array_equal(read(middle_points(1, SHAPE)), as_images(IMAGES))


@given(
    seed=st.integers(0, 2**32 - 1),
    spread=st.floats(0, 30),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
)
def test_reader_as_in_scipy(seed: int, spread: float, height: int, width: int) -> None:
    from scipy import ndimage

    rng = np.random.default_rng(seed)
    points = middle_points(1, (height, width))
    points += rng.normal(0, spread, points.shape).astype(np.float32)
    image = rng.integers(0, 256, (1, height * width)).astype(np.uint8)
    middle = np.array([(height - 1) / 2, (width - 1) / 2]).reshape(2, 1, 1)
    framed = np.pad(image.reshape(height, width).astype(np.float64), 1)
    expected = ndimage.map_coordinates(
        framed, points[0].astype(np.float64) + middle + 1, order=1, mode="constant"
    )
    # float32 holds a place within an image to about 1e-6 of a pixel, and brightness goes to 255
    assert read(points, image)[0] == pytest.approx(expected, abs=0.01)


def test_shift_whole_pixels() -> None:
    moved = warped(augment.shift(2), 1, -0.5)  # reads 2 below, 1 to the left
    expected = np.zeros_like(moved)
    expected[:, :-2, 1:] = as_images(IMAGES)[:, 2:, :-1]
    assert np.array_equal(moved, expected)


def test_shift_half_a_pixel() -> None:
    moved = warped(augment.shift(1), 0, 0.5)
    images = as_images(IMAGES)
    assert np.array_equal(moved[:, :, :-1], (images[:, :, :-1] + images[:, :, 1:]) / 2)
    assert np.array_equal(moved[:, :, -1], images[:, :, -1] / 2)  # beyond the edge it is dark


def test_rotate_quarter_turn() -> None:
    square = RNG.integers(0, 256, (5, 36)).astype(np.uint8)
    points = middle_points(1, (6, 6))
    augment.rotate(90)(points, Drawn(1))
    turned = np.rot90(square.reshape(-1, 6, 6), k=-1, axes=(1, 2))
    assert read(points, square) == pytest.approx(turned, abs=0.01)


def test_scale_points() -> None:
    points = middle_points(1, SHAPE)
    augment.scale(0.5)(points, Drawn(-1, 0.5))
    expected = middle_points(1, SHAPE) * np.array([0.5, 1.25], np.float32).reshape(1, 2, 1, 1)
    assert np.array_equal(points, expected)


def test_shear_rows() -> None:
    moved = warped(augment.shear(1), 0.5)  # by half a pixel for each row
    images = as_images(IMAGES)
    assert np.array_equal(moved[:, 4], images[:, 4])  # the middle row stays
    assert np.array_equal(moved[:, 6, :-1], images[:, 6, 1:])
    assert np.array_equal(moved[:, 2, 1:], images[:, 2, :-1])


def test_elastic_as_in_scipy() -> None:
    """An elastic map is uniform noise smoothed by a Gaussian."""
    from scipy import ndimage

    points, sigma = middle_points(3, (28, 20)), 3.0
    before = points.copy()
    augment.elastic(10, sigma)(points, np.random.default_rng(1))
    noise = np.random.default_rng(1).random((3, 2, 28, 20), dtype=np.float32) * 20 - 10
    smooth = ndimage.gaussian_filter(
        noise.astype(np.float64), sigma, axes=(2, 3), mode="constant", truncate=12
    )
    assert points - before == pytest.approx(smooth, abs=1e-4)
    assert 0.3 < np.abs(smooth).max() < 3  # not nothing, and no torn images


def test_shift_distribution() -> None:
    """Every map is drawn evenly within its bounds."""
    points = middle_points(2000, SHAPE)
    augment.shift(2)(points, np.random.default_rng(0))
    moves = (points - middle_points(2000, SHAPE))[:, :, 0, 0]
    assert len(np.unique(moves[:, 0])) > 1990
    assert np.abs(moves).max() <= 2
    assert np.abs(moves.mean(axis=0)).max() < 0.1
    assert moves.std(axis=0) == pytest.approx(2 / np.sqrt(3), rel=0.05)  # evenly


@pytest.mark.parametrize(("share", "scipys"), [(1, "grey_dilation"), (-1, "grey_erosion")])
def test_stroke_as_in_scipy(share: float, scipys: str) -> None:
    """A whole step takes the brightest or the darkest neighbour."""
    from scipy import ndimage

    images = as_images(IMAGES)
    bent = images.transpose(1, 2, 0).copy()
    augment.stroke_width(1)(bent, Drawn(share))
    cross = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
    expected = getattr(ndimage, scipys)(images, footprint=cross, mode="nearest")
    assert np.array_equal(bent.transpose(2, 0, 1), expected)


def test_stroke_half() -> None:
    images = as_images(IMAGES).transpose(1, 2, 0)
    half, whole = images.copy(), images.copy()
    augment.stroke_width(1)(half, Drawn(0.5))
    augment.stroke_width(1)(whole, Drawn(1))
    assert half == pytest.approx((images + whole) / 2)


WARPS = (augment.shift(1), augment.rotate(20), augment.elastic(5, 2))


def bent(
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
    unbent = bent(together, warps=(), inks=(), batch=batch)
    unbent.start_epoch(order, 7)
    read = [unbent.batch(at, min(at + batch, 50)).copy() for at in range(0, 50, batch)]
    assert np.array_equal(np.concatenate(read), IMAGES[order])


def test_augmented_shared_maps() -> None:
    """Images of a batch share its maps in turn."""

    def count(points: Floats, _: np.random.Generator) -> None:  # map n reads n pixels further down
        points[:, 0] += np.arange(len(points), dtype=np.float32)[:, None, None]

    counting = bent(4, warps=(count,), inks=(), batch=6)  # blocks of 18 images, so of 5 maps
    counting.start_epoch(np.arange(50), 0)
    for start in (0, 12, 18, 24):  # in two blocks
        for place, image in enumerate(counting.batch(start, start + 6), start=start):
            number = place % 18 % 5
            expected = np.zeros(SHAPE, np.float32)
            expected[: 9 - number] = IMAGES[place].reshape(SHAPE)[number:]
            assert np.array_equal(image.reshape(SHAPE), expected)


def test_augmented_epoch_from_the_middle() -> None:
    """A batch depends on the epoch's key and its place, not on what was read before."""

    def whole(key: int) -> Floats:
        here = bent()
        here.start_epoch(np.arange(50), key)
        return np.concatenate([here.batch(at, min(at + 6, 50)).copy() for at in range(0, 50, 6)])

    entered = bent()
    entered.start_epoch(np.arange(50), 5)
    assert np.array_equal(entered.batch(30, 36), whole(5)[30:36])
    assert np.array_equal(entered.batch(0, 6), whole(5)[:6])
    assert not np.array_equal(whole(6), whole(5))


def test_augmented_leaves_data_unchanged() -> None:
    before = IMAGES.copy()
    here = bent()
    here.start_epoch(np.arange(50), 0)
    here.batch(0, 6)
    assert np.array_equal(IMAGES, before)
