"""Bytes of a file of somebody else: never more than are wanted, and its gzip wrapping taken off."""

from __future__ import annotations

import zlib

from .errors import CorruptError, MissingFileError

GZIP = b"\x1f\x8b"


def content(path: str, most: int) -> bytes:
    """Return what is in the file at `path`, which may have so many bytes."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes its time to be imported
            found = file.read(most + 1)
    except OSError as error:
        msg = f"{path} could not be read: {error.strerror}."
        raise MissingFileError(msg) from None
    except ValueError as error:  # a name with a null character
        msg = f"{path!r} could not be read: {error}."
        raise MissingFileError(msg) from None
    if len(found) > most:
        msg = f"{path} has more than {most:,} bytes, which is the maximum."
        raise CorruptError(msg)
    return found


def unpacked(packed: bytes, most: int, where: str) -> bytes:
    """Return the same without gzip, of which there may be several parts."""
    if not packed.startswith(GZIP):
        return packed
    found = b""
    try:
        while packed:
            unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            found += unpacker.decompress(packed, most + 1 - len(found))
            if len(found) > most:
                msg = f"{where} unpacks to more than {most:,} bytes."
                raise CorruptError(msg)
            if not unpacker.eof:
                msg = f"{where} is a truncated gzip file."
                raise CorruptError(msg)
            packed = unpacker.unused_data
    except zlib.error as error:
        msg = f"{where} is a damaged gzip file: {error}."
        raise CorruptError(msg) from None
    return found
