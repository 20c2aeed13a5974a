"""Images in the form of a dataset's images: scaled, padded, or as they are."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.drawn_images import stored
from zoo.config.dataset_info import SOURCES, Fit, Source
from zoo.data.images.decode import DecodedImage, decode
from zoo.data.images.fit import in_form
from zoo.errors import CorruptFileError

DIGITS, MNIST = SOURCES["digits"], SOURCES["mnist"]


def own(shape: tuple[int, int], fit: Fit, highest: int = 255) -> Source:
    """Return the facts about a user's images."""
    return replace(MNIST, name="folder", shape=shape, fit=fit, highest=highest)


@pytest.mark.parametrize("source", [MNIST, DIGITS, own((8, 8), "scale"), own((3, 5), "none")])
def test_in_form_preprocess_none(source: Source) -> None:
    """The stored pixels stay: images of a user's with 8 x 8 pixels are not digits up to 16."""
    rows, columns = source.shape
    pixels = np.arange(rows * columns).reshape(source.shape) % (source.highest + 1)
    image = decode(stored(pixels), where="it")
    result = in_form(image, source, preprocess="none", where="it")
    assert result.image.tolist() == pixels.tolist()
    assert result.steps == "as it is"


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((9, 8)), "it has the wrong size; expected 8 x 8 pixels, got 8 x 9."),
        (np.full((8, 8), 17), "it contains the value 17; the maximum of a pixel is 16."),
        (
            np.zeros((8, 8, 4)),
            "it has transparent pixels; expected only grey values.",
        ),
    ],
)
def test_in_form_preprocess_none_error(pixels: npt.NDArray[np.generic], message: str) -> None:
    with pytest.raises(CorruptFileError) as caught:
        in_form(decode(stored(pixels), where="it"), DIGITS, preprocess="none", where="it")
    assert str(caught.value) == message
    assert "--preprocess auto" in caught.value.hint


def test_in_form_scaled() -> None:
    """Blocks are averaged, and transparent pixels are white."""
    grey = np.array([[0, 0, 1, 1], [0, 1, 1, 1]], np.float32)
    image = DecodedImage(grey, None, ())
    result = in_form(image, own((1, 2), "scale"), preprocess=None, where="it")
    assert result.image.tolist() == [[64, 255]]
    assert result.steps == "scaled from 2 x 4 to 1 x 2"
    clear = DecodedImage(grey, np.zeros((2, 4), np.float32), ())
    assert in_form(clear, own((1, 2), "scale", 4), preprocess=None, where="it").image.tolist() == [
        [4, 4]
    ]


def test_in_form_padded() -> None:
    """A wide image keeps its proportions; the rest has the grey of its border."""
    grey = np.array([[0.2, 0.2, 1, 1], [0.2, 0.2, 1, 1]], np.float32)
    image = DecodedImage(grey, None, ())
    result = in_form(image, own((3, 2), "pad", 10), preprocess=None, where="it")
    assert result.image.tolist() == [[6, 6], [2, 10], [6, 6]]
    assert result.steps == "scaled from 2 x 4 to 1 x 2; padded with the grey of its border"
