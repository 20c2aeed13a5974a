"""Reading of files up to a limit, and atomic writing."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.system.files import hint, read_regular, when_free


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file; raise if it has more than `max_bytes`."""
    try:
        return read_regular(path, max_bytes)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise CorruptFileError(
                f"{path} has more than {max_bytes:,} bytes, which is the maximum."
            ) from None
        raise DataError(f"{path} could not be read: {error.strerror}.") from error
    except ValueError as error:  # a name with a null character
        raise DataError(f"{str(path)!r} could not be read: {error}.") from error


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that is renamed to `path` when the block ends without an exception.

    The block should only write: an OSError in it is reported as a failure to write.
    """
    # With random names two processes can write the same path at once: the last to end wins.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # it would replace /dev/null
            raise ConfigError(f"{path} is not a regular file.", hint="Choose another path.")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            when_free(lambda: temporary.replace(path))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ZooError(
            f"{path} could not be written: {error.strerror or error}.",
            hint=hint(
                error,
                temporary,
                otherwise=f"Check the permissions of {path.parent} and the free space of its disk.",
            ),
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to the file at `path`, or replace its content."""
    with open_atomically(path) as file:
        file.write(content)


def write_new(path: Path, content: bytes) -> None:
    """Write `content` to a new file at `path`; raise if `path` exists."""
    check_new(path)
    write_atomically(path, content)


def write_new_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder; `files` are by their paths in it. Raise if `path` exists."""
    check_new(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        for name, content in files.items():
            write_atomically(temporary / name, content)
        when_free(lambda: temporary.rename(path))
    except OSError as error:
        raise ZooError(
            f"{path} could not be written: {error.strerror or error}.", hint=hint(error, temporary)
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_new(path: Path) -> None:
    """Raise if `path` exists."""
    if os.path.lexists(path):
        raise ConfigError(
            f"{path} already exists; nothing was written.", hint="Choose another path."
        )
