"""Warps: each one against a worked example or SciPy, and the reader."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.fixed_rng import FixedUniform
from zoo.data import warps
from zoo.data.warps import Floats, Reader, Warp, middle_points

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (50, 9 * 7)).astype(np.uint8)
SHAPE = (9, 7)


def read(points: Floats, images: npt.NDArray[np.uint8] = IMAGES) -> Floats:
    """Return images as (n, rows, columns), read at the points of a single map."""
    shape = (points.shape[2], points.shape[3])
    reader = Reader(shape)
    return reader.read(images, *reader.bilinear(points), 0).transpose(2, 0, 1).copy()


def warped(warp: Warp, *shares: float) -> Floats:
    points = middle_points(1, SHAPE)
    warp(points, FixedUniform(*shares))
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
    # float32 holds a position in an image to about 1e-6 of a pixel, and brightness goes to 255
    assert read(points, image)[0] == pytest.approx(expected, abs=0.01)


def test_shift_whole_pixels() -> None:
    moved = warped(warps.shift(2), 1, -0.5)  # reads 2 below, 1 to the left
    expected = np.zeros_like(moved)
    expected[:, :-2, 1:] = as_images(IMAGES)[:, 2:, :-1]
    assert np.array_equal(moved, expected)


def test_shift_half_a_pixel() -> None:
    moved = warped(warps.shift(1), 0, 0.5)
    images = as_images(IMAGES)
    assert np.array_equal(moved[:, :, :-1], (images[:, :, :-1] + images[:, :, 1:]) / 2)
    assert np.array_equal(moved[:, :, -1], images[:, :, -1] / 2)  # beyond the edge pixels are 0


def test_rotate_quarter_turn() -> None:
    square = RNG.integers(0, 256, (5, 36)).astype(np.uint8)
    points = middle_points(1, (6, 6))
    warps.rotate(90)(points, FixedUniform(1))
    turned = np.rot90(square.reshape(-1, 6, 6), k=-1, axes=(1, 2))
    assert read(points, square) == pytest.approx(turned, abs=0.01)


def test_scale_points() -> None:
    points = middle_points(1, SHAPE)
    warps.scale(0.5)(points, FixedUniform(-1, 0.5))
    expected = middle_points(1, SHAPE) * np.array([0.5, 1.25], np.float32).reshape(1, 2, 1, 1)
    assert np.array_equal(points, expected)


def test_shear_rows() -> None:
    moved = warped(warps.shear(1), 0.5)  # by half a pixel for each row
    images = as_images(IMAGES)
    assert np.array_equal(moved[:, 4], images[:, 4])  # the middle row stays
    assert np.array_equal(moved[:, 6, :-1], images[:, 6, 1:])
    assert np.array_equal(moved[:, 2, 1:], images[:, 2, :-1])


def test_elastic_as_in_scipy() -> None:
    """An elastic map is uniform noise smoothed by a Gaussian."""
    from scipy import ndimage

    points, sigma = middle_points(3, (28, 20)), 3.0
    before = points.copy()
    warps.elastic(10, sigma)(points, np.random.default_rng(1))
    noise = np.random.default_rng(1).random((3, 2, 28, 20), dtype=np.float32) * 20 - 10
    smooth = ndimage.gaussian_filter(
        noise.astype(np.float64), sigma, axes=(2, 3), mode="constant", truncate=12
    )
    assert points - before == pytest.approx(smooth, abs=1e-4)
    assert 0.3 < np.abs(smooth).max() < 3  # visible, but the images stay recognizable


def test_shift_distribution() -> None:
    """Every map is drawn evenly within its bounds."""
    points = middle_points(2000, SHAPE)
    warps.shift(2)(points, np.random.default_rng(0))
    moves = (points - middle_points(2000, SHAPE))[:, :, 0, 0]
    assert len(np.unique(moves[:, 0])) > 1990
    assert np.abs(moves).max() <= 2
    assert np.abs(moves.mean(axis=0)).max() < 0.1
    assert moves.std(axis=0) == pytest.approx(2 / np.sqrt(3), rel=0.05)  # evenly
