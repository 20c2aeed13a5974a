"""Pictures that are transparent in places, and what of them is the drawing."""

from __future__ import annotations

from .float32 import rounded, single
from .levels import FAINTEST, FAR, HALF, less, mode, share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .resize import Grid


def opaque(grey: Grid, alpha: Grid) -> tuple[Grid, tuple[str, ...]]:
    """Return the picture on a background on which its ink is seen."""
    least, most = min(map(min, alpha)), max(map(max, alpha))
    if single(most - least) < FAINTEST:  # it tells nothing, unless there is nothing
        return (grey if most > FAINTEST else [[1.0] * len(row) for row in grey]), ()
    solid = [[value > HALF for value in row] for row in alpha]
    rows = [place for place, row in enumerate(solid) if any(row)]
    if rows:
        shades = [
            shade for row, line in zip(grey, solid) for shade, shown in zip(row, line) if shown
        ]
        columns = [place for place, column in enumerate(zip(*solid)) if any(column)]
        box = (rows[-1] + 1 - rows[0]) * (columns[-1] + 1 - columns[0])
        sheet = mode(shades)
        drawn_upon = share(abs(one) > FAR for one in less(shades, sheet)) > 0.005
        if drawn_upon and len(shades) > 0.6 * box:
            return [_over(row, line, sheet) for row, line in zip(grey, alpha)], (
                "the sheet made opaque",
            )
    return [rounded(1 - value for value in row) for row in alpha], (
        "transparency made white, ink black",
    )


def _over(row: list[float], alpha: list[float], sheet: float) -> list[float]:
    ink = rounded(value * share for value, share in zip(row, alpha))
    page = rounded(share * sheet for share in rounded(1 - share for share in alpha))
    return rounded(map(float.__add__, ink, page))
