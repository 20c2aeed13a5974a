"""Files that appear whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zoo.errors import ConfigError, ZooError


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the name `path` when the block ends well.

    The block only writes: an OSError in it is taken for a failure to write.
    """
    # The random name lets two processes write the same file at once: the last one to end names it.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # /dev/null would be lost
            raise ConfigError(f"{path} is no file; it is not replaced.", hint="Name another.")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ZooError(
            f"{path} could not be written: {error.strerror or error}.",
            hint=f"See whether {path.parent} may be written to and its disk has room.",
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Make `content` the whole of the file at `path`."""
    with open_atomically(path) as file:
        file.write(content)


def write_new(path: Path, content: bytes) -> None:
    """Make `content` a file at `path`, where none may be yet."""
    if os.path.lexists(path):
        raise ConfigError(f"{path} is there already; nothing was written.", hint="Name another.")
    write_atomically(path, content)


def write_new_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder with these files, by their paths in it, where there is none yet."""
    if os.path.lexists(path):
        raise ConfigError(f"{path} is there already; nothing was written.", hint="Name another.")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        for name, content in files.items():
            write_atomically(temporary / name, content)
        temporary.rename(path)
    except OSError as error:
        raise ZooError(f"{path} could not be made: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
