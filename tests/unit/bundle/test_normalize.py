"""Normalization of images in a bundle, beside that of zoo.data."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from tests.helpers import drawn_images
from zoo.bundle.app import floats, raster, resizing
from zoo.bundle.app import ink as ours
from zoo.bundle.app.faults import Corrupt
from zoo.data import ink as theirs
from zoo.data.digits import load_digits
from zoo.data.pictures import Picture
from zoo.errors import CorruptFile
from zoo.export.probes import enlarged

Floats = npt.NDArray[np.float32]

SHAPES = [(28, 28), (8, 8)]
DIGITS = enlarged().reshape(-1, 28, 28)
R = Image.Resampling

numbers = arrays.arrays(np.float32, st.integers(1, 400), elements=st.floats(0, 1, width=32))


@given(numbers)
@example(np.array([1, 1, 1, 1, 0.09375, *[0] * 40], np.float32))  # the share is rounded once
def test_floats_as_in_numpy(values: Floats) -> None:
    assert floats.total(values.tolist()) == values.sum()
    assert floats.median(values.tolist()) == np.median(values)
    assert floats.ninetieth(values.tolist()) == np.percentile(values, 90)


@pytest.mark.parametrize("size", [1, 3, 8, 127, 128, 129, 1000, 12_345])
def test_floats_long_sum(size: int) -> None:
    values = np.random.default_rng(size).random(size, np.float32)
    assert floats.total(values.tolist()) == values.sum()


@pytest.mark.parametrize(
    ("curve", "how"),
    [(resizing.BOX, R.BOX), (resizing.LINE, R.BILINEAR), (resizing.CUBIC, R.BICUBIC)],
)
def test_resize_as_in_pillow(curve: "resizing.Curve", how: Image.Resampling) -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        rows, columns, height, width = (int(side) for side in rng.integers(1, 60, 4))
        values = rng.random((rows, columns), np.float32)
        expected = np.asarray(Image.fromarray(values).resize((width, height), how))
        found = np.array(resizing.resize(values.tolist(), height, width, curve), np.float32)
        if is_of_now():
            assert np.array_equal(found, expected)
        assert np.abs(found - expected).max() < 1e-6


def is_of_now() -> bool:
    """Whether Pillow takes rows and columns away in the order in which it does from 13 on."""
    from importlib.metadata import version

    return int(version("pillow").split(".")[0]) >= 13


def assert_seen_alike(grey: Floats, alpha: Floats | None, shape: tuple[int, int]) -> None:
    """Hold pixels and words, or the refusal, against zoo's own."""
    picture = Picture(grey, alpha, ())
    other = raster.Picture(grey.tolist(), None if alpha is None else alpha.tolist(), ())
    try:
        expected = theirs.drawn(picture, shape, preprocess="auto", where="x")
    except CorruptFile as error:
        with pytest.raises(Corrupt) as caught:
            ours.drawn(other, shape, preprocess="auto", where="x")
        assert caught.value.args == error.args  # noqa: PT017 - zoo may see it as well
        return
    found = ours.drawn(other, shape, preprocess="auto", where="x")
    assert found.said == expected.said
    image = np.frombuffer(found.image, np.uint8).reshape(shape)
    if is_of_now():
        assert np.array_equal(image, expected.image)
    assert np.abs(image.astype(int) - expected.image).max() <= 1


def shares(values: npt.NDArray[np.generic]) -> Floats:
    return (values.clip(0, 255).astype(np.uint8) / np.float32(255)).astype(np.float32)


def framed(digit: drawn_images.Bytes) -> drawn_images.Bytes:
    return np.pad(np.pad(drawn_images.enlarged(digit, 60), 9), 5, constant_values=200)


def shaded(digit: drawn_images.Bytes) -> npt.NDArray[np.float64]:
    large = drawn_images.enlarged(255 - digit, 130)
    down, right = np.mgrid[0:130, 0:130]
    light: npt.NDArray[np.float64] = large * (0.4 + 0.6 * (down + right) / 260)
    return light


WAYS: dict[str, Callable[[drawn_images.Bytes], npt.NDArray[Any]]] = {
    "as it is": np.copy,
    "small": lambda digit: drawn_images.enlarged(digit, 17),
    "large": lambda digit: drawn_images.enlarged(digit, 150),
    "dark on light": lambda digit: 255 - drawn_images.enlarged(digit, 60),
    "a thin pen": lambda digit: drawn_images.pen(digit, 90, 1),
    "a thick pen": lambda digit: drawn_images.pen(digit, 90, 13),
    "in a frame": framed,
    "shaded": shaded,
    "shaded, and light on dark": lambda digit: 255 - shaded(digit),
    "a strip of it": lambda digit: drawn_images.enlarged(digit, 90)[:, 40:47],
    "beside a speck": lambda digit: np.pad(drawn_images.enlarged(digit, 50), ((0, 60), (0, 9))),
    "blank": np.zeros_like,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", WAYS)
def test_normalize_drawn_digit(way: str, shape: tuple[int, int]) -> None:
    for digit in DIGITS[[3, 15]]:
        assert_seen_alike(shares(WAYS[way](digit)), None, shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("under", [0, 130, 255])
def test_normalize_transparent(shape: tuple[int, int], under: int) -> None:
    drawing = drawn_images.enlarged(DIGITS[7], 70)
    grey = np.where(drawing > 0, 90, under)
    assert_seen_alike(shares(grey), shares(drawing), shape)
    sheet = np.pad(np.full((66, 66), 255), 2)
    assert_seen_alike(shares(np.where(drawing > 99, 20, under)), shares(sheet), shape)


def test_normalize_digits() -> None:
    for image in load_digits().train.images[:30].reshape(-1, 8, 8):
        assert_seen_alike((image / np.float32(16)).astype(np.float32), None, (8, 8))


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24))),
    st.sampled_from(SHAPES),
)
def test_normalize_noise(values: drawn_images.Bytes, shape: tuple[int, int]) -> None:
    assert_seen_alike(shares(values), None, shape)
