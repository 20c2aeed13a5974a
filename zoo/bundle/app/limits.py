"""The limits on the size that an image declares, which are checked before it is decoded."""

from __future__ import annotations

from .constants import MAX_LENGTH, MAX_PIXELS
from .errors import CorruptError


def check_size(width: int, height: int, where: str) -> None:
    """Raise if an image has too many pixels or rows, or none."""
    if width <= 0 or height <= 0:
        fits = "the image is empty"
    elif width * height > MAX_PIXELS:
        fits = f"the maximum is {MAX_PIXELS:,}"
    elif max(width, height) > MAX_LENGTH:
        fits = f"the maximum of a side is {MAX_LENGTH:,}"
    else:
        return
    msg = f"{where} declares {width:,} x {height:,} pixels; {fits}."
    raise CorruptError(msg)
