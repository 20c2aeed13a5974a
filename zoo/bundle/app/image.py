"""Images: as decoded from a file, and as upright grey values with transparency."""

from __future__ import annotations

import sys
from array import array

from .constants import MAX_SIDE
from .float32 import rounded, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .resize import Grid


class Raster:
    """Decoded rows: `grey` and maybe `alpha` as bytes, or `wide`, grey values of 16 bits.

    If `white` is None, the value of white is derived from the `wide` values.
    """

    def __init__(
        self,
        grey: list[bytes],
        alpha: list[bytes] | None = None,
        *,
        wide: Sequence[Sequence[int]] | None = None,
        white: int | None = None,
        orientation: int = 1,
        frames: bool = False,
    ) -> None:
        self.grey = grey
        self.alpha = alpha
        self.wide = wide
        self.white = white
        self.orientation = orientation
        self.frames = frames


class Image:
    """Grey values from 0 (black) to 1, the opacity if not 1 everywhere, and notes for the user."""

    def __init__(self, grey: Grid, alpha: Grid | None, notes: tuple[str, ...]) -> None:
        self.grey = grey
        self.alpha = alpha
        self.notes = notes

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.grey), len(self.grey[0])


def wide_row(line: bytes) -> Sequence[int]:
    """Return the values of 16 bits in a line, in two bytes each."""
    row = array("H", line)
    if sys.byteorder == "little":
        row.byteswap()
    return row


def to_image(raster: Raster) -> Image:
    """Return the image in a file, at most MAX_SIDE wide and high."""
    rows = raster.wide or raster.grey
    height, width = len(rows), len(rows[0])
    factor = -(-max(height, width) // MAX_SIDE)
    alpha = None
    if raster.wide is not None:
        grey = _divided_by_white(raster.wide, raster.white, factor)
    else:
        grey_bytes, alpha_bytes = raster.grey, raster.alpha
        if factor > 1:
            from .downscale import reduce, reduce_with_alpha

            if alpha_bytes:
                grey_bytes, alpha_bytes = reduce_with_alpha(grey_bytes, alpha_bytes, factor)
            else:
                grey_bytes = reduce(grey_bytes, factor)
        grey = _unit_values(grey_bytes)
        alpha = _unit_values(alpha_bytes) if alpha_bytes else None
    notes = []
    if raster.frames:
        notes.append("the first of several frames")
    if factor > 1:
        notes.append(f"shrunk from {width} x {height} to {len(grey[0])} x {len(grey)}")
    if raster.orientation != 1:
        notes.append("turned upright as EXIF says")
        grey = upright(grey, raster.orientation)
        alpha = upright(alpha, raster.orientation) if alpha else None
    if alpha is not None and min(map(min, alpha)) == 1:
        alpha = None
    return Image(grey, alpha, tuple(notes))


def from_array(image: Sequence[bytes]) -> Image:
    """Return the image with these rows of grey values, as IDX and CSV files store them."""
    grey = _unit_values(image)
    factor = -(-max(len(grey), len(grey[0])) // MAX_SIDE)
    if factor == 1:
        return Image(grey, None, ())
    from .downscale import block_means

    small = block_means(grey, factor)
    sizes = f"{len(grey[0])} x {len(grey)} to {len(small[0])} x {len(small)}"
    return Image(small, None, (f"shrunk from {sizes}",))


def upright(rows: Grid, orientation: int) -> Grid:
    """Return the pixels upright: orientations 5 to 8 are transposed, then mirrored as needed."""
    if orientation >= 5:
        rows = [list(column) for column in zip(*rows)]
    if orientation in {3, 4, 7, 8}:
        rows = rows[::-1]
    if orientation in {2, 3, 6, 7}:
        rows = [row[::-1] for row in rows]
    return rows


UNIT_VALUES = rounded(value / 255 for value in range(256))


def _unit_values(rows: Sequence[bytes]) -> Grid:
    unit_value: Callable[[int], float] = UNIT_VALUES.__getitem__
    return [list(map(unit_value, row)) for row in rows]


def _divided_by_white(rows: Sequence[Sequence[int]], white: int | None, factor: int) -> Grid:
    white_value = single(white or _white(rows))
    grey: Grid = []
    for top in range(0, len(rows), factor):
        wide: Grid = [rounded(row) for row in rows[top : top + factor]]
        if factor > 1:
            from .downscale import reduce_wide

            wide = reduce_wide(wide, factor)
        grey += [rounded(value / white_value for value in row) for row in wide]
    return grey


def _white(rows: Sequence[Sequence[int]]) -> int:
    highest = max(map(max, rows))
    return next((white for white in (255, 65535) if highest <= white), highest)
