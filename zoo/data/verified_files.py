"""The content of a file piece by piece, out of its gzip wrapping and held against its pin."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from zoo.data.pins import PinnedFile
from zoo.errors import CorruptFileError, DataError

CHUNK = 1 << 18
GZIP = b"\x1f\x8b"


class WrongContentError(Exception):
    """Bytes that are not the pinned ones; the message is a phrase that says what they are."""


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is packed in `chunks`, never more than CHUNK bytes at once."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    for chunk in chunks:
        packed = chunk
        while packed:
            if unpacker.eof:  # gzip allows one packed part behind the other
                unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            yield unpacker.decompress(packed, CHUNK)
            packed = unpacker.unconsumed_tail or unpacker.unused_data
    if not unpacker.eof:
        raise EOFError


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of the file at `path`, packed or not, CHUNK bytes at a time."""
    try:
        with path.open("rb") as file:
            first = file.read(CHUNK)
            chunks = chain((first,), iter(partial(file.read, CHUNK), b""))
            yield from gunzip(chunks) if first.startswith(GZIP) else chunks
    except EOFError as error:
        raise CorruptFileError(f"{path} is a gzip file that was cut short.") from error
    except zlib.error as error:
        raise CorruptFileError(f"{path} is a damaged gzip file: {error}.") from error
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from error


def pinned_content(content: Iterable[bytes], pinned: PinnedFile) -> Iterator[bytes]:
    """Yield `content` again, and raise WrongContent as soon as it cannot be the pinned one."""
    digest = hashlib.sha256()
    size = 0
    for piece in content:
        size += len(piece)
        if size > pinned.size:
            raise WrongContentError(f"more than the {pinned.size:,} bytes of {pinned.name}")
        digest.update(piece)
        yield piece
    check_hash(digest.hexdigest(), pinned)


def check_hash(sha256: str, pinned: PinnedFile) -> None:
    """Raise WrongContent where `sha256` is not the pinned one."""
    if sha256 != pinned.sha256:
        raise WrongContentError(
            f"content with the SHA-256 {sha256[:12]}… where {pinned.sha256[:12]}… was expected"
        )


def check_file(path: Path, pinned: PinnedFile) -> None:
    """Raise a DataError that names both hashes where the file at `path` is not the pinned one."""
    try:
        for _ in pinned_content(read_chunks(path), pinned):
            pass
    except WrongContentError as wrong:
        raise DataError(f"{path} holds {wrong}.") from wrong
