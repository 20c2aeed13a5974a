"""Normalization of images in a bundle, compared with zoo.data: more images, in both shapes."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.helpers.normalized import (
    SHAPES,
    WAYS,
    Shape,
    assert_normalized_alike,
    transparent,
    transparent_edge,
    unit_range,
)
from zoo.data.dataset import Bytes
from zoo.data.digits import load_digits
from zoo.export.sample_inputs import enlarged


@cache
def digits() -> Bytes:
    """Return the digits, each 28 x 28 pixels."""
    return enlarged().reshape(-1, 28, 28)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_normalize_drawn_digits(way: str, shape: Shape) -> None:
    """Two digits drawn in any way."""
    for digit in digits()[[3, 15]]:
        assert_normalized_alike(unit_range(WAYS[way](digit)), None, shape)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("under", [0, 130, 255])
def test_normalize_transparent(under: int, shape: Shape) -> None:
    """A drawing on a transparent background and one on a sheet, with a hidden colour."""
    assert_normalized_alike(*transparent(digits()[7], under), shape)
    assert_normalized_alike(*transparent_edge(digits()[7], under), shape)


def test_normalize_digits() -> None:
    """The digits' own images."""
    for image in load_digits().train.images[:30].reshape(-1, 8, 8):
        assert_normalized_alike((image / np.float32(16)).astype(np.float32), None, (8, 8))


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24))),
    st.sampled_from(SHAPES),
)
def test_normalize_noise(values: Bytes, shape: Shape) -> None:
    assert_normalized_alike(unit_range(values), None, shape)
