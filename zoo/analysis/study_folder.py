"""The folder of a study: its files, its lock, and the errors if it cannot be written to."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from zoo.errors import CorruptFileError, ZooError
from zoo.files import new_folders
from zoo.system.file_errors import DELETED_FOLDER, NO_SPACE, hint, is_in_deleted_folder

JOURNAL = "journal.log"
BEST, PLOT = "best.toml", "study.svg"  # written at the end of each command
LOCK = ".lock"
POLL = 0.01  # seconds between two attempts
ANOTHER_FOLDER = "Choose another folder: --study DIR."
FULL_DISK = {*NO_SPACE, errno.EFBIG}


class StudyWriteError(ZooError):
    """A file of a study could not be written."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time write to a study; this process may lock it again meanwhile.

    The system unlocks it when the process is killed.
    """
    try:
        lock = FileLock(folder / LOCK, is_singleton=True).acquire(poll_interval=POLL)
    except OSError as error:
        raise unusable(folder, error) from error
    except NotImplementedError:  # raised by filelock if the file system has no locks
        raise ZooError(
            f"{folder} cannot hold a study: its file system has no locks.", hint=ANOTHER_FOLDER
        ) from None
    with lock:
        yield


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make the folder of a study; if the block raises, a new one without a study goes away."""
    try:
        with new_folders(folder):
            yield
    except OSError as error:
        raise unusable(folder, error) from error


@contextmanager
def first_records(folder: Path) -> Iterator[None]:
    """Delete what the block wrote of a new study if it raises, such as on a full disk."""
    is_new = not (folder / JOURNAL).exists()
    try:
        yield
    except BaseException:
        if is_new:
            for name in (JOURNAL, LOCK):  # Windows keeps the lock, which is open
                with suppress(OSError):
                    (folder / name).unlink()
        raise


def unusable(folder: Path, error: OSError) -> StudyWriteError:
    """Return the error for a folder in which a study cannot be created or opened."""
    return StudyWriteError(
        f"{folder} cannot hold a study: {error.strerror or error}.",
        hint=DELETED_FOLDER
        if is_in_deleted_folder(folder)
        else _hint(error, folder, otherwise=ANOTHER_FOLDER),
    )


def not_written(path: Path, error: OSError) -> StudyWriteError:
    """Return the error for a file of a study that exists and cannot be written."""
    return StudyWriteError(
        f"{path} could not be written: {error.strerror or error}.",
        hint=_hint(error, path, otherwise=hint(error, path, otherwise=ANOTHER_FOLDER)),
    )


def damaged(journal: Path, problem: str) -> CorruptFileError:
    """Return the error for a journal with a problem."""
    return CorruptFileError(
        f"{journal} is damaged: {problem}.",
        hint="Restore it from a copy, or choose another folder: --study DIR.",
    )


def _hint(error: OSError, path: Path, *, otherwise: str) -> str:
    """Return what to do; a study that exists goes on afterwards."""
    if error.errno in FULL_DISK:
        return f"{hint(error, path)} Then run the same command with --resume to continue."
    return otherwise
