"""Normalization of images to the form of MNIST and of the digits."""

from collections import deque
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw

from tests.helpers.drawn_images import enlarged, stored
from zoo.data.digits import load_digits
from zoo.data.images.components import label_components
from zoo.data.images.decode import DecodedImage, decode
from zoo.data.images.normalize import NormalizedImage, as_digits, as_mnist, normalize
from zoo.data.images.strokes import distances, redraw_strokes, stroke_width
from zoo.errors import CorruptFileError

Bytes = npt.NDArray[np.uint8]


def page(width: int, height: int, *lines: list[tuple[float, float]], pen: int) -> Image.Image:
    """Return black lines on white."""
    image = Image.new("L", (width, height), 255)
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=0, width=pen)
    return image


def mnist_of(image: Image.Image) -> NormalizedImage:
    return as_mnist(decode(stored(np.asarray(image)), where="it"), where="it")


def box(image: Bytes) -> tuple[int, int]:
    """Return the height and width of the bounding box of nonzero pixels."""
    return tuple(int(np.ptp(np.flatnonzero(image.any(axis=axis)))) + 1 for axis in (1, 0))  # type: ignore[return-value]


def grey(values: npt.ArrayLike) -> DecodedImage:
    return DecodedImage(np.array(values, np.float32), None, ())


SEVEN = [(300.0, 150.0), (500.0, 150.0), (400.0, 550.0)]


def test_as_mnist_any_stroke() -> None:
    hair = mnist_of(page(1050, 800, SEVEN, pen=1))
    fat = mnist_of(page(32, 32, [(9, 7), (22, 7), (14, 26)], pen=7))
    for image in (hair, fat):
        assert image.image.shape == (28, 28)
        assert image.image.dtype == np.uint8
        assert image.image.max() == 255
        assert max(box(image.image)) == 20
        assert stroke_width(enlarged(image.image, 168) > 127) / 6 == pytest.approx(2.6, abs=0.5)
    assert hair.steps == (
        "dark on light; cropped to 201 x 401 of 1050 x 800; "
        "stroke thickened 0.3 -> 2.7 pixels; centred"
    )


def test_as_mnist_centre_of_mass() -> None:
    image = mnist_of(page(200, 100, [(20, 10), (20, 60), (50, 60)], pen=7)).image.astype(float)
    for axis in (0, 1):
        sums = image.sum(axis=axis)
        assert sums @ np.arange(28) / sums.sum() == pytest.approx(14, abs=0.5)


def test_as_mnist_one() -> None:
    assert box(mnist_of(page(300, 300, [(150, 50), (150, 250)], pen=6)).image) == (20, 3)


def test_as_mnist_speck() -> None:
    """A separate part of a digit stays; a speck is removed."""
    bar, bowl = (
        [(60.0, 40.0), (140.0, 40.0)],
        [(60.0, 60.0), (60.0, 110.0), (140.0, 110.0), (140.0, 190.0)],
    )
    clean = mnist_of(page(300, 300, bar, bowl, pen=8))
    specked = mnist_of(page(300, 300, bar, bowl, [(250.0, 250.0), (254.0, 250.0)], pen=8))
    assert np.array_equal(clean.image, specked.image)
    without = mnist_of(page(300, 300, bowl, pen=8))
    assert not np.array_equal(clean.image, without.image)
    assert "cropped to 88 x 154" in clean.steps


def test_as_mnist_unchanged() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[5:24, 12:16] = 255
    image[5:24, 16] = 100
    for content in (stored(image), stored(255 - image)):
        image = as_mnist(decode(content, where="it"), where="it").image
        assert image[5:24, 12:16].min() == 255
        assert np.abs(image.astype(int) - image).max() < 3


def test_as_digits_unchanged() -> None:
    for digit in load_digits().train.images[:50].reshape(-1, 8, 8):
        image = as_digits(decode(stored(digit * 15.9375), where="it"), where="it").image
        assert np.abs(image.astype(int) - digit).mean() < 1


@cache
def blanks() -> dict[str, bytes]:
    """Return images without ink."""
    noise = 200 + np.random.default_rng(0).normal(0, 5, (200, 200))
    return {
        "one pixel": stored(np.full((1, 1), 9)),
        "white": stored(np.full((28, 28), 255)),
        "grey": stored(np.full((300, 200), 128), "JPEG"),
        "noise": stored(noise),
        "JPEG's noise": stored(noise, "JPEG", quality=50),
        "a gradient of light": stored(50 + np.indices((100, 100)).sum(axis=0)),
        "nothing": stored(np.zeros((20, 20, 4))),
    }


@pytest.mark.parametrize("shape", [(28, 28), (8, 8)], ids=str)
def test_normalize_blank(shape: tuple[int, int]) -> None:
    for name, content in blanks().items():
        with pytest.raises(CorruptFileError) as caught:
            normalize(decode(content, where=name), shape, where=name)
        assert str(caught.value) == f"{name} is blank: no ink was found."


def test_as_digits_slanted() -> None:
    """A slanted digit is deslanted and fills its box."""
    slanted = page(400, 400, [(250, 50), (150, 350)], pen=6)
    image = as_digits(decode(stored(np.asarray(slanted)), where="it"), where="it")
    assert image.image.shape == (8, 8)
    # an upright bar: the same columns in each row, and about the mean ink of the dataset
    assert (
        np.ptp([int(row @ np.arange(8) * 2) // max(int(row.sum()), 1) for row in image.image]) <= 1
    )
    assert abs(int(image.image.sum()) - 312) <= 90
    assert image.image.max() == 16
    assert "set upright" in image.steps


def test_components_as_by_flood_fill() -> None:
    rng = np.random.default_rng(0)
    for share in (0.2, 0.4, 0.6):
        mask = rng.random((40, 30)) < share
        labels, count = label_components(mask)
        assert np.array_equal(labels > 0, mask)
        seen = set()
        for start in zip(*np.nonzero(mask), strict=True):
            if start in seen:
                continue
            flood, wave = {start}, deque([start])
            while wave:
                row, column = wave.popleft()
                for down, right in np.ndindex(3, 3):
                    pixel = (row + down - 1, column + right - 1)
                    inside = 0 <= pixel[0] < 40 and 0 <= pixel[1] < 30
                    if inside and mask[pixel] and pixel not in flood:
                        flood.add(pixel)
                        wave.append(pixel)
            seen |= flood
            assert {labels[pixel] for pixel in flood} == {labels[start]}
            assert (labels == labels[start]).sum() == len(flood)
            count -= 1
        assert count == 0


def test_distances_as_by_all_pairs() -> None:
    mask = np.random.default_rng(0).random((25, 31)) < 0.01
    set_pixels = np.argwhere(mask)
    pixels = np.indices(mask.shape).reshape(2, -1).T
    expected = np.sqrt(((pixels[:, None] - set_pixels[None]) ** 2).sum(axis=-1)).min(axis=1)
    result = distances(mask, reach=6).ravel()
    assert result.tolist() == pytest.approx(np.minimum(expected, 7).tolist())


@pytest.mark.parametrize("width", [2, 6, 20])
def test_stroke_width_of_a_bar(width: int) -> None:
    """A bar's width is measured, and it is redrawn with the requested width."""
    bar = np.zeros((30, 300), bool)
    bar[4 : 4 + width] = True
    assert stroke_width(bar) == pytest.approx(width, rel=0.1)
    assert redraw_strokes(bar, width=8)[:, 100:200].any(axis=1).sum() == pytest.approx(8, abs=1)


@given(
    values=arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 12), st.integers(1, 12)),
        elements=st.floats(0, 1, width=32),
    ),
    has_alpha=st.booleans(),
)
def test_normalize_any_image(
    values: npt.NDArray[np.float32],
    has_alpha: bool,  # noqa: FBT001 - an argument of Hypothesis
) -> None:
    image = DecodedImage(values, values if has_alpha else None, ())
    for shape, white in (((28, 28), 255), ((8, 8), 16)):
        blank = ""
        try:
            result = normalize(image, shape, where="it")
        except CorruptFileError as error:
            blank = str(error)
        if blank:
            assert blank == "it is blank: no ink was found."
        else:
            assert result.image.shape == shape
            assert 0 < result.image.max() <= white
