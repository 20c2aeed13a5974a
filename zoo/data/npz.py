"""The arrays of an .npz file, which is a zip archive: few enough, and compressed as NumPy does."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from zoo.system.files import regular_opener

Open = Callable[[], IO[bytes]]

MAX_MEMBERS = 1_000
MAX_DIRECTORY_BYTES = 1_000_000
MAX_BYTES = 10_000_000_000  # of all members, unpacked
# The unpackers of bzip2 and LZMA return all of their output at once, up to gigabytes.
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class ArchiveError(Exception):
    """An archive that is too large; the message is a phrase."""


class _ArchiveFile(io.FileIO):
    """A file of which `zipfile` cannot read a list of members without a limit."""

    is_listed = False

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes; all that are left if `size` is negative."""
        if size is None or size < 0:
            size = max(os.fstat(self.fileno()).st_size - self.tell(), 0)
        if not self.is_listed and size > MAX_DIRECTORY_BYTES:
            raise ArchiveError(
                f"the list of its members is longer than {MAX_DIRECTORY_BYTES:,} bytes"
            )
        return super().read(size) or b""


@contextmanager
def open_npz(path: Path) -> Iterator[dict[str, Open]]:
    """Yield a function for each .npy member, by its name, that opens it."""
    with open_zip(path) as members:
        yield {
            name.removesuffix(".npy"): open_member
            for name, open_member in members.items()
            if name.endswith(".npy")
        }


@contextmanager
def open_zip(path: Path) -> Iterator[dict[str, Open]]:
    """Yield a function for each member, by its name, that opens it."""
    with _ArchiveFile(path, opener=regular_opener) as file, zipfile.ZipFile(file) as archive:
        file.is_listed = True
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise ArchiveError(f"it has {len(members):,} members; the maximum is {MAX_MEMBERS:,}")
        size = sum(member.file_size for member in members)
        if size > MAX_BYTES:
            raise ArchiveError(f"it unpacks to {size:,} bytes; the maximum is {MAX_BYTES:,}")
        if any(member.compress_type not in METHODS for member in members):
            raise ArchiveError("it is compressed in another way than NumPy does")
        yield {member.filename: partial(archive.open, member) for member in members}
