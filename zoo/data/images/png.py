"""Pictures as PNG: one alone, or many with their captions on one sheet."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.dataset import Bytes

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 112  # of a picture on a sheet, or a little less: every pixel becomes a whole square
ACROSS = 6  # pictures in a row of a sheet
GAP = 16
PAPER, INK = 255, 31


def png(image: Bytes, *, highest: int) -> bytes:
    """Return a picture of (rows, columns) whose pixels go from 0 to `highest`, pixel for pixel."""
    return _saved(_picture(image, highest))


def sheet(pictures: Sequence[tuple[Bytes, str]], *, highest: int, across: int = ACROSS) -> bytes:
    """Return pictures in rows, each enlarged and with its caption of some lines below it."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=13)
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    boxes = [pen.multiline_textbbox((0, 0), caption, font=font) for _, caption in pictures]
    rows, columns = pictures[0][0].shape
    factor = max(1, SIDE // max(rows, columns))
    wide = max(factor * columns, *(round(right) for _, _, right, _ in boxes)) + GAP
    tall = factor * rows + max(round(bottom) for *_, bottom in boxes) + 2 * GAP
    across = min(across, len(pictures))
    down = -(-len(pictures) // across)
    made = Image.new("L", (GAP + across * wide, GAP + down * tall), PAPER)
    pen = ImageDraw.Draw(made)
    for number, (image, caption) in enumerate(pictures):
        left, top = GAP + number % across * wide, GAP + number // across * tall
        enlarged = image.repeat(factor, axis=0).repeat(factor, axis=1)
        made.paste(_picture(enlarged, highest), (left, top))
        pen.multiline_text((left, top + factor * rows + GAP // 4), caption, INK, font=font)
    return _saved(made)


def _picture(image: Bytes, highest: int) -> "Image":
    from PIL import Image

    return Image.fromarray((image.astype(np.int64) * 255 // highest).astype(np.uint8))


def _saved(picture: "Image") -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()
