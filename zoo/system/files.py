"""Files: regular ones, streams, those in use, and files that are the same."""

import errno
import os
import stat
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

from zoo import system

Result = TypeVar("Result")

# winerror: access denied, sharing violation, lock violation; None from open(), which has only errno
IN_USE = {5, 32, 33, None}
WAITS = tuple(0.01 * 2**number for number in range(7))  # seconds, 1.27 in all
NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # Windows has neither
DEVICES = ("/dev/", "/proc/")
MAX_LINKS = 40  # of one path, as in Linux
BLOCK = 2**23  # bytes that are read at once from a stream
MEMORY = "/dev/shm/"  # noqa: S108 - files in memory, which are no devices


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file to read it; raise an OSError for a pipe, a device or a socket.

    A pipe may never be written to, and a device may be endless. A name in /dev or /proc is that of
    a stream which the user gave, such as /dev/stdin or <(command) in a shell.
    """
    return open(path, "rb", opener=regular_opener)


def regular_opener(name: str, flags: int) -> int:
    """Open a regular file as in `open_regular`, for `open`; a folder is left for it to refuse."""
    if is_stream_name(name):
        return os.open(name, flags)
    number = os.open(name, flags | NO_WAITING)
    kind = _special_kind(os.fstat(number).st_mode)
    if not kind:
        return number
    os.close(number)
    raise OSError(errno.EINVAL, f"Not a regular file, but {kind}", name)


def special_kind(path: Path) -> str:
    """Return such as "a pipe" for what is neither a file nor a folder; empty if nothing exists."""
    return _special_kind(path.stat().st_mode) if path.exists() else ""


def _special_kind(mode: int) -> str:
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file; raise an OSError if it has more than `max_bytes`."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size  # 0 for a stream
        if size <= max_bytes:
            content = file.read(size + 1)  # reading takes the memory that is asked for
            while size < len(content) <= max_bytes:
                size = len(content)
                content += file.read(min(BLOCK, max_bytes + 1 - size))
            if len(content) <= max_bytes:
                return content
    raise OSError(errno.EFBIG, f"Larger than {max_bytes:,} bytes, the maximum", str(path))


def is_stream_name(path: str | Path) -> bool:
    """Return whether the name of a path is in /dev or /proc, wherever links lead."""
    name = os.path.abspath(path)  # noqa: PTH100 - links stay
    return name.startswith(DEVICES) and not name.startswith(MEMORY)


def is_stream(path: Path) -> bool:
    """Return whether a path is a pipe or a device, or leads into /dev or /proc.

    /dev/stdout leads to the file to which a shell sends the output, which must not be replaced.
    """
    for _ in range(MAX_LINKS):
        name = Path(os.path.realpath(path.parent), path.name)
        if is_stream_name(path) or is_stream_name(name):
            return True
        if not name.is_symlink():
            return name.exists() and not (name.is_file() or name.is_dir())
        path = name.parent / name.readlink()
    return False


def when_free(call: Callable[[], Result]) -> Result:
    """Return the result of a call, repeated while another program has its file open.

    On Windows a file that a virus scanner, an indexer or another zoo reads cannot be replaced or
    deleted, and one that is being replaced cannot be read. Other systems permit all of this.
    """
    for seconds in WAITS if system.IS_WINDOWS else ():
        try:
            return call()
        except PermissionError as error:
            if not may_be_in_use(error):
                raise
            time.sleep(seconds)
    return call()


def replace_empty_folder(source: Path, target: Path) -> None:
    """Rename a folder to the name of an empty one."""
    if system.IS_WINDOWS:  # other systems replace it
        target.rmdir()
    when_free(lambda: source.rename(target))


def may_be_in_use(error: PermissionError) -> bool:
    """Return whether another program may have a file open, on Windows."""
    return winerror(error) in IN_USE


def winerror(error: OSError) -> int | None:
    """Return Windows' number of an error; None on another system, and from open()."""
    return getattr(error, "winerror", None)


def file_id(path: Path) -> tuple[int | str, ...]:
    """Return an identity of an existing file or folder that all names of it share.

    On Windows some file systems, such as FAT, give all files the number 0.
    """
    status = path.stat()
    if status.st_ino:
        return status.st_dev, status.st_ino
    return (os.path.normcase(path.resolve()),)


def is_same(path: Path, other: Path) -> bool:
    """Return whether two names belong to the same existing file."""
    return file_id(path) == file_id(other)
