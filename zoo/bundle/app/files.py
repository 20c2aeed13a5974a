"""Reading and decompressing of untrusted files, with a limit on their size."""

from __future__ import annotations

import os
import stat
import zlib
from contextlib import contextmanager

from .errors import CorruptError, MissingFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

GZIP = b"\x1f\x8b"
CHUNK = 1 << 18  # bytes; each member of a gzip file copies the rest of its chunk
MAX_MEMBERS = 10_000


NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # Windows has neither


def read_file(path: str, most: int) -> bytes:
    """Return the content of the file at `path`, which may have `most` bytes."""
    with opened(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        msg = f"{path} has more than {most:,} bytes, which is the maximum."
        raise CorruptError(msg)
    return content


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open the file at `path`; an error is a sentence, also one of reading."""
    try:
        with open(path, "rb", opener=_opener) as file:
            yield file
    except FileNotFoundError:
        msg = f"{path} does not exist."
        raise MissingFileError(msg) from None
    except OSError as error:
        msg = f"{path} could not be read: {error.strerror}."
        raise MissingFileError(msg) from None
    except ValueError as error:  # a name with a null character
        msg = f"{path!r} could not be read: {error}."
        raise MissingFileError(msg) from None


def _opener(name: str, flags: int) -> int:
    """Open a regular file, or a stream that the user gave, such as /dev/stdin.

    A pipe may never be written to, and a device may be endless.
    """
    if os.path.abspath(name).startswith(("/dev/", "/proc/")):  # noqa: PTH100 - pathlib is slow to import
        return os.open(name, flags)
    number = os.open(name, flags | NO_WAITING)
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # the caller refuses a folder
        return number
    os.close(number)
    raise OSError(0, "Not a regular file, but a pipe or a device", name)


def decompress(packed: bytes, most: int, where: str) -> bytes:
    """Return the content without gzip compression; a gzip file may have several members."""
    if not packed.startswith(GZIP):
        return packed
    content = bytearray()
    unpacker, members = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16), 1
    try:
        for start in range(0, len(packed), CHUNK):
            left = packed[start : start + CHUNK]
            while left:
                if unpacker.eof:
                    unpacker, members = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16), members + 1
                content += unpacker.decompress(left, most + 1 - len(content))
                left = unpacker.unconsumed_tail or unpacker.unused_data
                if len(content) > most:
                    msg = f"{where} unpacks to more than {most:,} bytes."
                    raise CorruptError(msg)
                if members > MAX_MEMBERS:
                    msg = f"{where} is a gzip file of more than {MAX_MEMBERS:,} members."
                    raise CorruptError(msg)
    except zlib.error as error:
        msg = f"{where} is a damaged gzip file: {error}."
        raise CorruptError(msg) from None
    if not unpacker.eof:
        msg = f"{where} is a truncated gzip file."
        raise CorruptError(msg)
    return bytes(content)
