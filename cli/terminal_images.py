"""Images drawn with characters in the terminal, and rows of tables as numbers."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from zoo.control_characters import plain

if TYPE_CHECKING:  # it imports NumPy
    from collections.abc import Sequence

    from zoo.config.dataset_info import Source
    from zoo.data.dataset import Bytes, Values

RAMP = " .:-=+*#%@"  # from black to the brightest grey
SMALL = 14  # an image with fewer columns is drawn twice as large


def render_image(image: Values, source: Source, *, colour: bool) -> Text:
    """Return an image, or the numbers and texts of a row of a table."""
    if source.has_images:
        return blocks(image, highest=source.highest, colour=colour)
    from zoo.data.dataset import describe_row

    return Text(plain(describe_row(image, source.table)))


def blocks(image: Bytes, *, highest: int, colour: bool) -> Text:
    """Return an image of (rows, columns) uint8 with pixels from 0 to `highest`.

    In colour a character is two pixels, one above the other, so 28 x 28 pixels take 28 columns and
    14 lines; without colour a pixel is two characters, and they take 56 columns and 28 lines.
    """
    if not colour:
        steps = image.astype(int) * (len(RAMP) - 1) / highest
        return Text("\n".join("".join(2 * RAMP[round(step)] for step in row) for row in steps))
    if image.shape[1] < SMALL:
        image = image.repeat(2, axis=0).repeat(2, axis=1)
    greys = (image.astype(int) * 255 // highest).tolist()
    if len(greys) % 2:
        greys.append([0] * image.shape[1])
    lines = [_line(*pair) for pair in zip(greys[::2], greys[1::2], strict=True)]
    return Text("\n").join(lines)


def _line(above: Sequence[int], below: Sequence[int]) -> Text:
    """Return upper half blocks; the pixel below is the background colour."""
    text = Text()
    for (high, low), group in groupby(zip(above, below, strict=True)):
        style = f"rgb({high},{high},{high}) on rgb({low},{low},{low})"
        text.append("▀" * len(list(group)), style)
    return text
