"""Reading of files up to a limit, and atomic writing."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import BinaryIO

from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.system.file_errors import NO_SPACE, hint, reading_hint, reading_problem
from zoo.system.files import is_stream, read_regular, when_free
from zoo.system.temporary import new_path, remove_left_over

NO_ROOM = {*NO_SPACE, errno.EROFS}
PERMISSIONS = 0o777
READABLE = 0o444  # by the owner, the group and others


class NotWrittenError(ZooError):
    """A file that could not be written, such as on a full disk; `reason` is the system's error.

    `name` is what the user calls a file whose path would not tell.
    """

    def __init__(
        self, path: Path, reason: OSError, *, tried: Path | None = None, name: str = ""
    ) -> None:
        super().__init__(
            f"{name or path} could not be written: {reason.strerror or reason}.",
            hint=hint(reason, tried or path, otherwise="Check its disk, or choose another path."),
        )
        self.reason = reason


def not_read(path: Path, reason: OSError, kind: type[ZooError] = DataError) -> ZooError:
    """Return the error for a file or a folder that could not be read, or does not exist."""
    return kind(reading_problem(path, reason), hint=reading_hint(reason, path))


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file; raise if it has more than `max_bytes`."""
    with _errors_of(path, max_bytes):
        return read_regular(path, max_bytes)


def check_size(path: Path, max_bytes: int) -> None:
    """Raise if a file has more than `max_bytes`, without reading it."""
    with _errors_of(path, max_bytes):
        if path.stat().st_size > max_bytes:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))


@contextmanager
def _errors_of(path: Path, max_bytes: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise CorruptFileError(
                f"{path} has more than {max_bytes:,} bytes, which is the maximum."
            ) from None
        raise not_read(path, error) from error
    except ValueError as error:  # a name with a null character
        raise DataError(f"{str(path)!r} could not be read: {error}.") from error


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that is renamed to `path` when the block ends without an exception.

    What is there is replaced, also a link: in a folder from somebody else it may lead anywhere.
    The block should only write: an OSError in it is reported as a failure to write.
    """
    with _replacing(path, lambda _: None) as file:
        yield file


@contextmanager
def open_output(path: Path, *, executable: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that the user named, as in `open_atomically`.

    A link stays, and its target is replaced; a file that is replaced keeps its permissions. A pipe
    or a device is written to as it is.
    """
    check_not_a_folder(path)
    try:
        target = _target(path)
        if target is None:
            with path.open("ab") as stream:
                yield stream
            return
    except OSError as error:
        raise NotWrittenError(path, error) from error
    with _replacing(target, partial(_set_mode, target, executable=executable)) as file:
        yield file


@contextmanager
def _replacing(path: Path, prepare: Callable[[Path], None]) -> Iterator[BinaryIO]:
    """Yield a temporary file, which is prepared before it is open, and renamed at the end."""
    # With random names two processes can write the same path at once: the last to end wins.
    temporary = new_path(path.parent)
    try:
        with new_folders(path.parent):
            try:
                with temporary.open("xb") as file:
                    remove_left_over_once(path.parent, now=temporary.stat().st_mtime)
                    prepare(temporary)
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                when_free(lambda: temporary.replace(path))
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise NotWrittenError(path, error, tried=temporary) from error


@contextmanager
def new_folders(path: Path) -> Iterator[None]:
    """Make a folder and its parents; if the block raises, those that it did not fill go away."""
    made: list[Path] = []
    try:
        for folder in reversed([*_missing_folders(path)]):
            with suppress(FileExistsError):  # another command was faster, or it is a file
                folder.mkdir()
                made.append(folder)
        yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):  # something is in it
                folder.rmdir()
        raise


def _missing_folders(path: Path) -> Iterator[Path]:
    """Yield a path and its parents up to the first that is a folder."""
    for folder in (path, *path.parents):
        if folder.is_dir():
            return
        yield folder


def _target(path: Path) -> Path | None:
    """Return the file to which a link leads, which may not exist yet; None for a stream."""
    if is_stream(path):
        return None
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():  # a loop
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _set_mode(target: Path, temporary: Path, *, executable: bool) -> None:
    """Give a file the permissions of the one that it replaces; who may read it may then run it."""
    mode = (target if target.exists() else temporary).stat().st_mode & PERMISSIONS
    temporary.chmod(mode | (mode & READABLE) >> 2 if executable else mode)


def check_not_a_folder(path: Path) -> None:
    """Raise if a file cannot be written to `path` because it is a folder."""
    try:
        is_folder = path.is_dir()
    except OSError as error:  # its name is too long, or its folder may not be searched
        raise NotWrittenError(path, error) from error
    if is_folder:
        raise ConfigError(f"{path} is a folder; expected a file.", hint="Name a file in it.")


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to the file at `path`, or replace its content."""
    with open_atomically(path) as file:
        file.write(content)


def write_output(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Write `content` to a file that the user named, through links and into pipes."""
    with open_output(path, executable=executable) as file:
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
        with new_folders(path.parent):
            temporary.mkdir()
            try:
                remove_left_over_once(path.parent, now=temporary.stat().st_mtime)
                for name, content in files.items():
                    write_atomically(temporary / name, content)
                when_free(lambda: temporary.rename(path))
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        check_new(path)  # another command may have been faster
        raise NotWrittenError(path, error, tried=temporary) from error
    except NotWrittenError as error:  # the user does not know the temporary folder
        raise NotWrittenError(path, error.reason) from error


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
        if error.errno not in NO_ROOM and not is_inside:
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
