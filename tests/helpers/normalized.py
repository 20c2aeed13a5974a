"""Comparison of the normalization in zoo.data with that of a bundle in plain Python."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.drawn_images import enlarged, pen
from zoo.bundle.app import image as bundle_image
from zoo.bundle.app import preprocess as bundle_preprocess
from zoo.bundle.app.errors import CorruptError
from zoo.data.dataset import Bytes
from zoo.data.images import normalize as zoo_normalize
from zoo.data.images.decode import DecodedImage
from zoo.errors import CorruptFileError

Floats = npt.NDArray[np.float32]
Shape = tuple[int, int]

SHAPES = [(28, 28), (8, 8)]


def exact() -> bool:
    """Return whether Pillow resizes rows and columns in the order of version 13 or later."""
    return int(version("pillow").split(".")[0]) >= 13


def assert_normalized_alike(grey: Floats, alpha: Floats | None, shape: Shape) -> None:
    """Compare the pixels and steps, or the error, of a bundle with those of zoo.data."""
    bundle_input = bundle_image.Image(grey.tolist(), None if alpha is None else alpha.tolist(), ())
    try:
        expected = zoo_normalize.normalize(
            DecodedImage(grey, alpha, ()), shape, preprocess="auto", where="x"
        )
    except CorruptFileError as error:
        with pytest.raises(CorruptError) as caught:
            bundle_preprocess.normalize(bundle_input, shape, preprocess="auto", where="x")
        assert caught.value.args == error.args  # noqa: PT017 - zoo.data may accept it as well
        return
    result = bundle_preprocess.normalize(bundle_input, shape, preprocess="auto", where="x")
    assert result.steps == expected.steps
    image = np.frombuffer(result.image, np.uint8).reshape(shape)
    if exact():
        assert np.array_equal(image, expected.image)
    assert np.abs(image.astype(int) - expected.image).max() <= 1


def unit_range(values: npt.NDArray[np.generic]) -> Floats:
    """Return grey values from 0 to 255 as floats from 0 to 1."""
    return (values.clip(0, 255).astype(np.uint8) / np.float32(255)).astype(np.float32)


def _framed(digit: Bytes) -> Bytes:
    return np.pad(np.pad(enlarged(digit, 60), 9), 5, constant_values=200)


def _shaded(digit: Bytes) -> npt.NDArray[np.float64]:
    large = enlarged(255 - digit, 130)
    down, right = np.mgrid[0:130, 0:130]
    light: npt.NDArray[np.float64] = large * (0.4 + 0.6 * (down + right) / 260)
    return light


WAYS: dict[str, Callable[[Bytes], npt.NDArray[Any]]] = {
    "as it is": np.copy,
    "small": lambda digit: enlarged(digit, 17),
    "large": lambda digit: enlarged(digit, 150),
    "dark on light": lambda digit: 255 - enlarged(digit, 60),
    "a thin pen": lambda digit: pen(digit, 90, 1),
    "a thick pen": lambda digit: pen(digit, 90, 13),
    "in a frame": _framed,
    "shaded": _shaded,
    "shaded, and light on dark": lambda digit: 255 - _shaded(digit),
    "a strip of it": lambda digit: enlarged(digit, 90)[:, 40:47],
    "beside a speck": lambda digit: np.pad(enlarged(digit, 50), ((0, 60), (0, 9))),
    "blank": np.zeros_like,
}


def transparent(digit: Bytes, under: int) -> tuple[Floats, Floats]:
    """Return grey values and alpha of ink on a transparent background of a colour."""
    drawing = enlarged(digit, 70)
    return unit_range(np.where(drawing > 0, 90, under)), unit_range(drawing)


def transparent_edge(digit: Bytes, under: int) -> tuple[Floats, Floats]:
    """Return grey values and alpha of ink on a sheet that is smaller than the image."""
    drawing = enlarged(digit, 70)
    sheet = np.pad(np.full((66, 66), 255), 2)
    return unit_range(np.where(drawing > 99, 20, under)), unit_range(sheet)
