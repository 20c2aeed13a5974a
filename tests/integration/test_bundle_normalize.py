"""Normalization of noise by the plain Python of a bundle, compared with zoo.data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.helpers.golden_images import SHAPES, TOLERANCE
from zoo.bundle.app.errors import CorruptError
from zoo.bundle.app.image import Image
from zoo.bundle.app.preprocess import normalize as normalize_plain
from zoo.data.dataset import Bytes
from zoo.data.images.decode import DecodedImage
from zoo.data.images.normalize import normalize
from zoo.errors import CorruptFileError


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24))),
    st.sampled_from(SHAPES),
)
def test_normalize_noise(values: Bytes, shape: tuple[int, int]) -> None:
    """Any pixels have the same result or error; tests/data/golden_images has images of digits."""
    grey = np.divide(values, 255, dtype=np.float32)
    image = Image(grey.tolist(), None, ())
    try:
        expected = normalize(DecodedImage(grey, None, ()), shape, where="x")
    except CorruptFileError as error:
        with pytest.raises(CorruptError) as caught:
            normalize_plain(image, shape, where="x")
        assert caught.value.args == error.args  # noqa: PT017 - zoo.data may accept it as well
        return
    found = normalize_plain(image, shape, where="x")
    assert found.steps == expected.steps
    levels = np.frombuffer(found.image, np.uint8).reshape(shape).astype(int)
    assert np.abs(levels - expected.image).max() <= TOLERANCE
