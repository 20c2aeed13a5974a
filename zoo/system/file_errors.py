"""Advice on errors of the system with files."""

import errno
from pathlib import Path

from zoo import system
from zoo.system.files import is_stream_name, may_be_in_use, winerror

MAX_PATH = 259  # characters of a path on Windows, unless long paths are enabled
LONG_NAME_ERRORS = {3, 206}  # winerror: path not found, file name too long
FORBIDDEN = {errno.EACCES, errno.EPERM}
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
ADVICE = {
    errno.EISDIR: "Name a file in it.",
    errno.ELOOP: "Remove the links that lead to each other.",
    errno.ENAMETOOLONG: "Use a shorter name.",
    errno.ENOTDIR: "Choose another path: a part of this one is a file.",
}
WRITING_ADVICE = {
    errno.EFBIG: "Raise the limit with `ulimit -f`, or choose another disk.",
    errno.EROFS: "Choose a folder that may be written to.",
    **dict.fromkeys(NO_SPACE, "Free space on its disk."),
}
DELETED_FOLDER = "Change to another folder: the current one was deleted."


def reading_problem(path: Path, error: OSError) -> str:
    """Return the sentence for a file or a folder that could not be read."""
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist."
    return f"{path} could not be read: {error.strerror or error}."


def reading_hint(error: OSError, path: Path) -> str:
    """Return what to do about a file or a folder that could not be read."""
    return DELETED_FOLDER if is_in_deleted_folder(path) else _advice(error, path)


def hint(error: OSError, path: Path, *, otherwise: str = "") -> str:
    """Return what to do about a file that could not be written or deleted."""
    if is_in_deleted_folder(path):
        return DELETED_FOLDER
    if system.IS_WINDOWS:
        length = len(str(path.absolute()))
        if length > MAX_PATH and (winerror(error) in LONG_NAME_ERRORS or error.errno == 2):
            return (
                f"The path has {length} characters, and Windows allows {MAX_PATH}: use a shorter "
                "one, or enable long paths (LongPathsEnabled in the registry)."
            )
    if is_stream_name(path):
        return "Choose another output."
    advice = WRITING_ADVICE.get(error.errno or 0) or _advice(error, path.parent) or otherwise
    if isinstance(error, PermissionError) and may_be_in_use(error) and system.IS_WINDOWS:
        return f"Close the programs that have it open. {advice}".rstrip()
    return advice


def is_in_deleted_folder(path: Path) -> bool:
    """Return whether a path is relative to a current folder that was deleted."""
    if path.is_absolute():
        return False
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _advice(error: OSError, path: Path) -> str:
    if error.errno in FORBIDDEN:
        return f"Check the permissions of {_nearest(path)}."
    return ADVICE.get(error.errno or 0, "")


def _nearest(path: Path) -> str:
    """Return the deepest part of a path that exists, or that may not be entered."""
    for part in (path, *path.parents):
        try:
            part.lstat()
        except OSError:
            continue
        return "the current folder" if part == Path() else str(part)
    return str(path)
