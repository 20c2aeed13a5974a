"""PNG output: single images, and contact sheets with captions."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.dataset import Bytes

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 112  # pixels of an image on a sheet, rounded down to a multiple of its size
IMAGES_PER_ROW = 6
GAP = 16
PAPER, INK = 255, 31


def png(image: Bytes, *, highest: int) -> bytes:
    """Return an image (rows, columns) with values from 0 to `highest` as a PNG of this size."""
    return _encode(_to_pillow(image, highest))


def sheet(
    images: Sequence[tuple[Bytes, str]], *, highest: int, across: int = IMAGES_PER_ROW
) -> bytes:
    """Return images in rows, each enlarged and with its caption below it."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=13)
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    boxes = [pen.multiline_textbbox((0, 0), caption, font=font) for _, caption in images]
    rows, columns = images[0][0].shape
    factor = max(1, SIDE // max(rows, columns))
    wide = max(factor * columns, *(round(right) for _, _, right, _ in boxes)) + GAP
    tall = factor * rows + max(round(bottom) for *_, bottom in boxes) + 2 * GAP
    across = min(across, len(images))
    down = -(-len(images) // across)
    canvas = Image.new("L", (GAP + across * wide, GAP + down * tall), PAPER)
    pen = ImageDraw.Draw(canvas)
    for number, (image, caption) in enumerate(images):
        left, top = GAP + number % across * wide, GAP + number // across * tall
        enlarged = image.repeat(factor, axis=0).repeat(factor, axis=1)
        canvas.paste(_to_pillow(enlarged, highest), (left, top))
        pen.multiline_text((left, top + factor * rows + GAP // 4), caption, INK, font=font)
    return _encode(canvas)


def _to_pillow(image: Bytes, highest: int) -> "Image":
    from PIL import Image

    return Image.fromarray((image.astype(np.int64) * 255 // highest).astype(np.uint8))


def _encode(image: "Image") -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()
