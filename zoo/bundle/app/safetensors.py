"""Reader of safetensors files: the length of the header, a JSON header, the arrays."""

from __future__ import annotations

import json
import sys
from array import array

from .errors import CorruptError

CODES = {"F32": "f", "U8": "B"}


def read(content: bytes, *, where: str) -> dict[str, array]:  # type: ignore[type-arg] # floats or bytes
    """Return the arrays by name, flat; their shapes are ignored."""
    try:
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        arrays = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            numbers = array(CODES[entry["dtype"]])
            numbers.frombytes(content[8 + length + start : 8 + length + end])
            if sys.byteorder == "big":
                numbers.byteswap()
            arrays[name] = numbers
    except (ValueError, KeyError, TypeError, AttributeError):
        msg = f"{where} is damaged."
        raise CorruptError(msg) from None
    return arrays
