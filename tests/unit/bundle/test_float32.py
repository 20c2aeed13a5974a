"""Arithmetic and resizing in a bundle, compared with NumPy and Pillow."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.helpers.golden_images import TOLERANCE
from zoo.bundle.app import float32, resize
from zoo.data.images.decode import Floats

numbers = arrays.arrays(np.float32, st.integers(1, 400), elements=st.floats(0, 1, width=32))


def test_floats_rounded() -> None:
    values = np.random.default_rng(0).random(100)
    assert float32.rounded(values.tolist()) == values.astype(np.float32).tolist()


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
        if not TOLERANCE:
            assert np.array_equal(found, expected)
        assert np.abs(found - expected).max() < 1e-6
