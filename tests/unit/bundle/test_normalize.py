"""Normalization of images in a bundle, compared with zoo.data."""

from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.helpers.normalized import (
    SHAPES,
    WAYS,
    Floats,
    Shape,
    assert_normalized_alike,
    exact,
    transparent,
    transparent_edge,
    unit_range,
)
from zoo.bundle.app import float32, resize
from zoo.data.dataset import Bytes
from zoo.data.digits import load_digits
from zoo.export.sample_inputs import enlarged

CASES = [(way, SHAPES[0]) for way in WAYS]
CASES += [(way, SHAPES[1]) for way in ("a thin pen", "a strip of it", "blank")]

numbers = arrays.arrays(np.float32, st.integers(1, 400), elements=st.floats(0, 1, width=32))


@cache
def digits() -> Bytes:
    """Return the digits, each 28 x 28 pixels."""
    return enlarged().reshape(-1, 28, 28)


@given(numbers)
@example(np.array([1, 1, 1, 1, 0.09375, *[0] * 40], np.float32))  # the share is rounded once
def test_floats_as_in_numpy(values: Floats) -> None:
    """Sums, medians and percentiles are NumPy's to the last bit."""
    assert float32.total(values.tolist()) == values.sum()
    assert float32.median(values.tolist()) == np.median(values)
    assert float32.percentile(values.tolist(), 90) == np.percentile(values, 90)


@pytest.mark.parametrize("size", [1, 3, 8, 127, 128, 129, 1000, 12_345])
def test_floats_long_sum(size: int) -> None:
    """Sums of any length are NumPy's to the last bit."""
    values = np.random.default_rng(size).random(size, np.float32)
    assert float32.total(values.tolist()) == values.sum()


@pytest.mark.parametrize(
    ("curve", "filter_name"),
    [(resize.BOX_CURVE, "BOX"), (resize.LINE_CURVE, "BILINEAR"), (resize.CUBIC_CURVE, "BICUBIC")],
    ids=["box", "bilinear", "bicubic"],
)
def test_resize_as_in_pillow(curve: "resize.Curve", filter_name: str) -> None:
    """Resized images are Pillow's to the last bit, from Pillow 13 on."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for _ in range(20):
        rows, columns, height, width = (int(side) for side in rng.integers(1, 60, 4))
        values = rng.random((rows, columns), np.float32)
        expected = np.asarray(
            Image.fromarray(values).resize((width, height), Image.Resampling[filter_name])
        )
        found = np.array(resize.resize(values.tolist(), height, width, curve), np.float32)
        if exact():
            assert np.array_equal(found, expected)
        assert np.abs(found - expected).max() < 1e-6


@pytest.mark.parametrize(("way", "shape"), CASES, ids=str)
def test_normalize_drawn_digit(way: str, shape: Shape) -> None:
    """A digit drawn in any way; tests/integration has more digits in both shapes."""
    assert_normalized_alike(unit_range(WAYS[way](digits()[3])), None, shape)


@pytest.mark.parametrize("under", [0, 255])
def test_normalize_transparent(under: int) -> None:
    """A drawing on a transparent background, whose hidden colour is black or white."""
    assert_normalized_alike(*transparent(digits()[7], under), (28, 28))


def test_normalize_transparent_edge() -> None:
    """A drawing on a sheet that ends before the image does."""
    assert_normalized_alike(*transparent_edge(digits()[7], 130), (28, 28))


def test_normalize_digits() -> None:
    """The digits' own images."""
    for image in load_digits().train.images[:10].reshape(-1, 8, 8):
        assert_normalized_alike((image / np.float32(16)).astype(np.float32), None, (8, 8))


@pytest.mark.parametrize(("size", "shape"), [(3, (28, 28)), (14, (28, 28)), (9, (8, 8))])
def test_normalize_noise(size: int, shape: Shape) -> None:
    """Noise; tests/integration draws it by Hypothesis, an example takes a sixth of a second."""
    values = np.random.default_rng(size).integers(0, 256, (size, size))
    assert_normalized_alike(unit_range(values), None, shape)
