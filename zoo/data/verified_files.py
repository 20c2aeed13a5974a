"""Streamed file contents, unpacked from gzip and checked against their pins."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from zoo.data.archives import Archive
from zoo.data.pins import PinnedFile
from zoo.errors import CorruptFileError, DataError
from zoo.files import not_read
from zoo.system.files import open_regular

CHUNK = 1 << 18
MAX_MEMBERS = 10_000  # of a gzip file; each copies the rest of its chunk
GZIP = b"\x1f\x8b"


class WrongContentError(Exception):
    """The content is not the pinned one; the message is a phrase that describes it."""


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the unpacked content of `chunks`, at most CHUNK bytes at a time."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    members = 1
    for chunk in chunks:
        packed = chunk
        while packed:
            if unpacker.eof:  # a gzip file may contain several members
                members += 1
                if members > MAX_MEMBERS:
                    raise zlib.error(f"it has more than {MAX_MEMBERS:,} members")
                unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            yield unpacker.decompress(packed, CHUNK)
            packed = unpacker.unconsumed_tail or unpacker.unused_data
    if not unpacker.eof:
        raise EOFError


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of the file at `path`, gzipped or not, CHUNK bytes at a time."""
    try:
        with open_regular(path) as file:
            first = file.read(CHUNK)
            chunks = chain((first,), iter(partial(file.read, CHUNK), b""))
            yield from gunzip(chunks) if first.startswith(GZIP) else chunks
    except EOFError as error:
        raise CorruptFileError(f"{path} is a truncated gzip file.") from error
    except zlib.error as error:
        raise CorruptFileError(f"{path} is a damaged gzip file: {error}.") from error
    except OSError as error:
        raise not_read(path, error) from error


def pinned_content(content: Iterable[bytes], pinned: PinnedFile) -> Iterator[bytes]:
    """Yield `content`; raise WrongContentError as soon as it cannot be the pinned content."""
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
    """Raise WrongContentError if `sha256` is not the pinned one."""
    if sha256 != pinned.sha256:
        raise WrongContentError(
            f"wrong content (expected SHA-256 {pinned.sha256[:12]}…, got {sha256[:12]}…)"
        )


def check_file(path: Path, pinned: PinnedFile) -> None:
    """Raise a DataError with both hashes if the file at `path` is not the pinned one."""
    try:
        for _ in pinned_content(read_chunks(path), pinned):
            pass
    except WrongContentError as wrong:
        raise DataError(f"{path} contains {wrong}.") from wrong


def check_archive(path: Path, archive: Archive) -> None:
    """Raise if a file is not the published archive."""
    try:
        with open_regular(path) as file:
            digest = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False))
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
    if digest.hexdigest() != archive.md5:
        raise CorruptFileError(
            f"{path} is not the published file: its MD5 is {digest.hexdigest()[:12]}..., expected "
            f"{archive.md5[:12]}....",
            hint="Remove it, and fetch the dataset again.",
        )
