"""PNG output: images and contact sheets."""

import io

import numpy as np
import pytest
from PIL import Image

from zoo.data.images.png import GAP, IMAGES_PER_ROW, INK, PAPER, SIDE, png, sheet

TINY = np.array([[0, 16, 8], [16, 16, 0]], np.uint8)


def pixels(content: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(content), formats=["PNG"])
    assert image.mode == "L"
    return np.asarray(image)


def test_png_pixels() -> None:
    assert pixels(png(TINY, highest=16)).tolist() == [[0, 255, 127], [255, 255, 0]]


def test_png_same_bytes() -> None:
    assert png(TINY, highest=16) == png(TINY.copy(), highest=16)


@pytest.mark.parametrize(("side", "factor"), [(8, 14), (28, 4)])
def test_sheet_images(side: int, factor: int) -> None:
    assert factor * side == SIDE
    image = np.arange(side * side, dtype=np.uint8).reshape(side, side)
    canvas = pixels(sheet([(image, "7 read as 1"), (255 - image, "x")], highest=255))
    first = canvas[GAP : GAP + SIDE, GAP : GAP + SIDE]
    np.testing.assert_array_equal(first[::factor, ::factor], image)
    np.testing.assert_array_equal(first, image.repeat(factor, 0).repeat(factor, 1))
    below = canvas[GAP + SIDE :, GAP : GAP + SIDE]
    assert below.min() == INK
    assert below.max() == PAPER


def test_sheet_rows_and_captions() -> None:
    item = (np.zeros((8, 8), np.uint8), "a caption that is much wider than its image\nand more")
    row, rows = (
        pixels(sheet([item] * count, highest=16)) for count in (IMAGES_PER_ROW, IMAGES_PER_ROW + 1)
    )
    assert row.shape[1] == rows.shape[1]
    assert rows.shape[0] - GAP == 2 * (row.shape[0] - GAP)
    # the gap between two captions is white in all rows
    cell = (row.shape[1] - GAP) // IMAGES_PER_ROW
    assert cell > 2 * SIDE
    assert (row[:, cell : cell + GAP] == PAPER).all()
