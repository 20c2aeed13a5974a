"""Transparent images: separation of the drawing from the background."""

from __future__ import annotations

from .constants import DIFFERENT_GREY, HALF, MIN_CONTRAST, MIN_INK_SHARE, MIN_SHEET_SHARE
from .float32 import rounded, single
from .levels import fraction, minus, mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .resize import Grid


def opaque(grey: Grid, alpha: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return the image on a background on which its ink is visible, and notes for the user."""
    least, most = min(map(min, alpha)), max(map(max, alpha))
    faintest, different = single(MIN_CONTRAST), single(DIFFERENT_GREY)
    if single(most - least) < faintest:  # uniform: it shows no shape
        return (grey if most > faintest else [[1.0] * len(row) for row in grey]), ()
    solid = [[value > HALF for value in row] for row in alpha]
    rows = [index for index, row in enumerate(solid) if any(row)]
    if rows:
        shades = [
            shade
            for row, line in zip(grey, solid)
            for shade, is_solid in zip(row, line)
            if is_solid
        ]
        columns = [index for index, column in enumerate(zip(*solid)) if any(column)]
        box = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
        sheet = mode(shades)
        ink = fraction(abs(value) > different for value in minus(shades, sheet))
        if ink > MIN_INK_SHARE and len(shades) > MIN_SHEET_SHARE * box:
            return [_composite(row, line, sheet) for row, line in zip(grey, alpha)], (
                "the sheet made opaque",
            )
    return [rounded(1 - value for value in row) for row in alpha], (
        "transparency made white, ink black",
    )


def _composite(row: list[float], alpha: list[float], sheet: float) -> list[float]:
    """Return a row blended over the grey of the sheet."""
    ink = rounded(value * opacity for value, opacity in zip(row, alpha))
    page = rounded(clear * sheet for clear in rounded(1 - opacity for opacity in alpha))
    return rounded(map(float.__add__, ink, page))
