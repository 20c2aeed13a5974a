"""The fields of a protobuf message as they are on the wire, one after the other.

A parser makes an object of each field first: 2 bytes become up to 400. Here nothing is kept, so
the reader can stop at any field.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5  # wire types; the two others are no longer in use
FIXED_SIZES = {FIXED64: 8, FIXED32: 4}
MAX_VARINT = 10  # bytes
VARINT_TYPES = {3, 4, 5, 8, 13, 14, 17, 18}  # int64, uint64, int32, bool, uint32, enum, sint


class WireError(Exception):
    """Bytes that are not a protobuf message."""


class WireField(NamedTuple):
    """A field: what it is, and the bytes of its content; None for what the message lacks."""

    known: "FieldDescriptor | None"
    size: int


def fields(content: bytes, message: "Descriptor") -> Iterator[WireField]:
    """Yield the fields of a message of this type and, after each, the fields inside it."""
    waiting = [(0, len(content), message)]
    while waiting:
        start, end, parent = waiting.pop()
        while start < end:
            tag, start = _varint(content, start, end)
            number, wire_type = tag >> 3, tag & 7
            size = 0
            if wire_type == VARINT:
                _, start = _varint(content, start, end)
            elif wire_type == LENGTH:
                size, start = _varint(content, start, end)
            elif wire_type in FIXED_SIZES:
                start += FIXED_SIZES[wire_type]
            else:
                raise WireError
            if size > end - start or start > end:
                raise WireError
            known = parent.fields_by_number.get(number)
            yield WireField(known, size)
            if size and known is not None and known.message_type is not None:
                waiting.append((start + size, end, parent))
                end, parent = start + size, known.message_type
            else:
                start += size


def _varint(content: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the number at `start`, 7 bits per byte, and where it ends."""
    value = 0
    for index in range(start, min(end, start + MAX_VARINT)):
        byte = content[index]
        value |= (byte & 0x7F) << 7 * (index - start)
        if byte < 0x80:
            return value, index + 1
    raise WireError
