"""A picture as its file holds it, and what it becomes: grey values and transparency, upright."""

from __future__ import annotations

from .float32 import rounded, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .resize import Grid

LONGEST = 1200  # pixels of the longer side; a larger picture is averaged down to at most that
PIXELS_CAP = 36_000_000
BYTES_CAP = 64_000_000


class Raster:
    """Rows as a file gives them: bytes of grey, of transparency too, or numbers too large for it.

    Where a format does not say what white is, the `wide` numbers say it themselves.
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


class Picture:
    """Grey values from 0, black, to 1; how opaque each pixel is, if not all are; what was done."""

    def __init__(self, grey: Grid, alpha: Grid | None, notes: tuple[str, ...]) -> None:
        self.grey = grey
        self.alpha = alpha
        self.notes = notes

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.grey), len(self.grey[0])


def picture(raster: Raster) -> Picture:
    """Return the picture that a file holds, at most LONGEST wide and high."""
    rows = raster.wide or raster.grey
    height, width = len(rows), len(rows[0])
    factor = -(-max(height, width) // LONGEST)
    alpha = None
    if raster.wide is not None:
        grey = _shares_of_white(raster.wide, raster.white, factor)
    else:
        levels, clear = raster.grey, raster.alpha
        if factor > 1:
            from .downscale import reduce, reduce_both

            if clear:
                levels, clear = reduce_both(levels, clear, factor)
            else:
                levels = reduce(levels, factor)
        grey = _shares(levels)
        alpha = _shares(clear) if clear else None
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
    return Picture(grey, alpha, tuple(notes))


def of_array(image: Sequence[bytes]) -> Picture:
    """Return the picture whose grey values these bytes are, as arrays and tables hold it."""
    grey = _shares(image)
    factor = -(-max(len(grey), len(grey[0])) // LONGEST)
    if factor == 1:
        return Picture(grey, None, ())
    from .downscale import blocks

    small = blocks(grey, factor)
    sizes = f"{len(grey[0])} x {len(grey)} to {len(small[0])} x {len(small)}"
    return Picture(small, None, (f"shrunk from {sizes}",))


def upright(rows: Grid, orientation: int) -> Grid:
    """Return the pixels as they are to be seen: 5 to 8 are transposed, then all mirrored."""
    if orientation >= 5:
        rows = [list(column) for column in zip(*rows)]
    if orientation in {3, 4, 7, 8}:
        rows = rows[::-1]
    if orientation in {2, 3, 6, 7}:
        rows = [row[::-1] for row in rows]
    return rows


SHARES = rounded(value / 255 for value in range(256))


def _shares(rows: Sequence[bytes]) -> Grid:
    share: Callable[[int], float] = SHARES.__getitem__
    return [list(map(share, row)) for row in rows]


def _shares_of_white(rows: Sequence[Sequence[int]], white: int | None, factor: int) -> Grid:
    high = single(white or _white(rows))
    wide: Grid = [rounded(row) for row in rows]
    if factor > 1:
        from .downscale import reduce_wide

        wide = reduce_wide(wide, factor)
    return [rounded(value / high for value in row) for row in wide]


def _white(rows: Sequence[Sequence[int]]) -> int:
    most = max(map(max, rows))
    return next((white for white in (255, 65535) if most <= white), most)
