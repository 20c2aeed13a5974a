"""Reading of files up to a limit, and atomic writing."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import BinaryIO

from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.system.files import hint, is_stream, read_regular, when_free
from zoo.system.temporary import new_path, remove_left_over

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
READABLE = 0o444  # by the owner, the group and others


class NotWrittenError(ZooError):
    """A file that could not be written, such as on a full disk; `reason` is the system's error."""

    def __init__(self, path: Path, reason: OSError, *, tried: Path | None = None) -> None:
        folder = path.parent
        advice = f"Check the permissions of {folder} and the free space of its disk."
        if reason.errno == errno.ENAMETOOLONG:
            advice = "Use a shorter name."
        super().__init__(
            f"{path} could not be written: {reason.strerror or reason}.",
            hint=hint(reason, tried or path, otherwise=advice),
        )
        self.reason = reason


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
def open_atomically(path: Path, *, executable: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that replaces the one at `path` when the block ends without an exception.

    A link stays, and so do the permissions of a file that is replaced. A pipe or a device is
    written to as it is. The block should only write: an OSError in it is reported as a failure to
    write.
    """
    check_not_a_folder(path)
    temporary = path
    try:
        if is_stream(path):
            with path.open("ab") as stream:
                yield stream
            return
        target = _target(path)
        # With random names two processes can write the same path at once: the last to end wins.
        temporary = new_path(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                remove_left_over_once(target.parent, now=temporary.stat().st_mtime)
                _set_mode(temporary, target, executable=executable)
                yield file
                file.flush()
                os.fsync(file.fileno())
            when_free(lambda: temporary.replace(target))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise NotWrittenError(path, error, tried=temporary) from error


def _target(path: Path) -> Path:
    """Return the file to which a link leads, which may not exist yet."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():  # a loop
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _set_mode(temporary: Path, target: Path, *, executable: bool) -> None:
    """Give a file the permissions of the one that it replaces; who may read it may then run it."""
    mode = stat.S_IMODE((target if target.exists() else temporary).stat().st_mode)
    temporary.chmod(mode | (mode & READABLE) >> 2 if executable else mode)


def check_not_a_folder(path: Path) -> None:
    """Raise if a file cannot be written to `path` because it is a folder."""
    try:
        is_folder = path.is_dir()
    except OSError as error:  # its name is too long, or its folder may not be searched
        raise NotWrittenError(path, error) from error
    if is_folder:
        raise ConfigError(f"{path} is a folder; expected a file.", hint="Name a file in it.")


def write_atomically(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Write `content` to the file at `path`, or replace its content."""
    with open_atomically(path, executable=executable) as file:
        file.write(content)


def write_new(path: Path, content: bytes) -> None:
    """Write `content` to a new file at `path`; raise if `path` exists."""
    check_new(path)
    write_atomically(path, content)


def write_new_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder; `files` are by their paths in it. Raise if `path` exists."""
    check_new(path)
    temporary = new_path(path.parent)
    try:
        temporary.mkdir(parents=True)
        remove_left_over_once(path.parent, now=temporary.stat().st_mtime)
        for name, content in files.items():
            write_atomically(temporary / name, content)
        when_free(lambda: temporary.rename(path))
    except OSError as error:
        raise NotWrittenError(path, error, tried=temporary) from error
    except NotWrittenError as error:  # the user does not know the temporary folder
        raise NotWrittenError(path, error.reason) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder that is deleted at the end of the block; a full disk names its place."""
    with writing_temporary_files() as parent:
        folder = new_path(parent)
        try:
            folder.mkdir(mode=0o700)
            remove_left_over_once(parent, now=folder.stat().st_mtime)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def writing_temporary_files() -> Iterator[Path]:
    """Yield the folder of temporary files; a block that cannot write there raises its name."""
    hint = "Free space on its disk, or choose another folder with TMPDIR."
    try:
        folder = Path(gettempdir())
    except FileNotFoundError as error:  # its message lists the folders that were tried
        raise ZooError(f"{error.strerror}.", hint=hint) from error
    try:
        yield folder
    except OSError as error:
        is_inside = Path(error.filename or "").parent == folder
        if error.errno not in NO_SPACE and not is_inside:
            raise
        raise ZooError(
            f"A temporary file in {folder} could not be written: {error.strerror}.", hint=hint
        ) from error


searched_folders: set[Path] = set()  # by this process, for what killed ones left


def remove_left_over_once(folder: Path, *, now: float) -> None:
    """Delete what killed processes left in a folder, once: a folder of a million files is slow."""
    if folder not in searched_folders:
        searched_folders.add(folder)
        remove_left_over(folder, now=now)


def delete(path: Path) -> None:
    """Delete a file or a folder, if it exists; the target of a link stays."""
    is_folder = path.is_dir() and not path.is_symlink()
    try:
        when_free(partial(shutil.rmtree, path) if is_folder else path.unlink)
    except FileNotFoundError:  # another command was faster
        return
    except OSError as error:
        raise ZooError(
            f"{path} cannot be deleted: {error.strerror or error}.", hint=hint(error, path)
        ) from None


def check_new(path: Path) -> None:
    """Raise if `path` exists."""
    if os.path.lexists(path):
        raise ConfigError(
            f"{path} already exists; nothing was written.", hint="Choose another path."
        )
