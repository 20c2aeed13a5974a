"""A picture drawn with the letters of a terminal, or a row of a table as numbers."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:  # it brings NumPy along
    from collections.abc import Sequence

    from zoo.config.dataset_info import Source
    from zoo.data.dataset import Bytes, Values

RAMP = " .:-=+*#%@"  # from nothing to the brightest
SMALL = 14  # a picture of fewer columns is drawn twice as large


def render_image(image: Values, source: Source, *, colour: bool) -> Text:
    """Return a picture, or the numbers of a table's row."""
    if source.has_images:
        return blocks(image, highest=source.highest, colour=colour)
    from zoo.data.dataset import describe_row

    return Text(describe_row(image))


def blocks(image: Bytes, *, highest: int, colour: bool) -> Text:
    """Return a picture of (rows, columns) whose pixels go from 0 to `highest`.

    In colour a letter is two pixels, one above the other, so that 28 x 28 take 28 columns and 14
    lines; without it a pixel is a letter twice, and they take 56 columns and 28 lines.
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
    """Return upper half blocks, the pixel below being the background."""
    drawn = Text()
    for (high, low), alike in groupby(zip(above, below, strict=True)):
        style = f"rgb({high},{high},{high}) on rgb({low},{low},{low})"
        drawn.append("▀" * len(list(alike)), style)
    return drawn
