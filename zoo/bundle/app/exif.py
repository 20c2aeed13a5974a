"""The orientation in EXIF metadata."""

from __future__ import annotations

import struct

ORIENTATION = 0x0112


def orientation(body: bytes) -> int:
    """Return the orientation from 1 to 8; 1 if it is missing or the EXIF data is damaged."""
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}4xI", body)
        (count,) = struct.unpack_from(f"{order}H", body, start)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", body, start + 2 + 12 * number)
            if tag == ORIENTATION:
                return value if value in range(1, 9) else 1
    except struct.error:
        pass
    return 1
