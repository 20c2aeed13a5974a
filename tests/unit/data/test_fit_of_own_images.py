"""Images of any size in the form of the training data."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.config.dataset_info import SOURCES, Fit, Source
from zoo.data.images.decode import from_array
from zoo.data.images.fit import in_form
from zoo.errors import ZooError


def source(shape: tuple[int, int], fit: Fit, highest: int = 255) -> Source:
    return replace(SOURCES["mnist"], name="icons", shape=shape, fit=fit, highest=highest)


@pytest.mark.parametrize("shape", [(28, 28), (12, 12), (8, 8), (5, 9)])
@pytest.mark.parametrize("fit", ["none", "scale", "pad"])
def test_fit_of_the_same_shape(shape: tuple[int, int], fit: Fit) -> None:
    """An image of the shape is used as it is: only digits are centred, also at 28 x 28."""
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    decoded = from_array(np.divide(pixels, 255, dtype=np.float32))
    image = in_form(decoded, source(shape, fit), preprocess=None, where="a.png").image
    np.testing.assert_array_equal(image, pixels)


def test_fit_none_refuses_other_sizes() -> None:
    with pytest.raises(ZooError, match=r"a\.png has the wrong size"):
        in_form(
            from_array(np.zeros((5, 5), np.float32)),
            source((12, 12), "none"),
            preprocess=None,
            where="a.png",
        )


def test_fit_scale_and_pad() -> None:
    """Scaled images lose their proportions; padded ones have the grey of their border around."""
    grey = np.full((4, 8), 0.2, np.float32)
    grey[1:3, 2:6] = 1
    scaled = in_form(from_array(grey), source((4, 4), "scale"), preprocess=None, where="a")
    assert scaled.steps == "scaled from 4 x 8 to 4 x 4"
    assert (scaled.image[0] == 51).all()
    padded = in_form(from_array(grey), source((8, 8), "pad"), preprocess=None, where="a")
    assert padded.steps == "padded with the grey of its border"
    np.testing.assert_array_equal(padded.image[2:6], np.rint(grey * 255).astype(np.uint8))
    assert (padded.image[[0, 1, 6, 7]] == 51).all()


def test_fit_levels() -> None:
    """White is the highest value of the data."""
    white = from_array(np.ones((3, 3), np.float32))
    image = in_form(white, source((2, 2), "scale", 16), preprocess=None, where="a").image
    assert (image == 16).all()
