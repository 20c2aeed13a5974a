"""The size and the time of a file, by which a change is noticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo.errors import DataError
from zoo.files import not_read

FileStamp = tuple[int, int]


def file_stamp(path: Path) -> FileStamp:
    """Return the size of a file and the time of its last change."""
    try:
        status = path.stat()
    except OSError as error:
        raise not_read(path, error) from None
    return status.st_size, status.st_mtime_ns


@contextmanager
def unchanged(path: Path, before: FileStamp) -> Iterator[None]:
    """Raise after reading a file if it has changed since then."""
    yield
    if file_stamp(path) != before:
        raise DataError(
            f"{path} changed while it was read.", hint="Run the command again when it is complete."
        )
