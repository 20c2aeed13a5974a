"""Temporary files and folders, whose names tell whether the process that made them still runs."""

import hashlib
import os
import re
import secrets
import shutil
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

from zoo.system import processes

# host, process, start time of the process, a number; shorter than most names that it replaces
NAME = re.compile(r"\.zoo-([0-9a-f]{8})-([0-9]{1,10})-([0-9a-f]{8})-[0-9a-f]{8}\.tmp")
DAY = 86_400  # seconds


def new_path(folder: Path) -> Path:
    """Return a path for a temporary file or folder of this process."""
    return folder / f"{own_prefix(os.getpid())}{secrets.token_hex(4)}.tmp"


def remove_left_over(folder: Path, *, now: float) -> None:
    """Delete the temporary files and folders of processes that were killed."""
    for path in left_over(folder, now=now):
        remove(path)


def left_over(folder: Path, *, now: float) -> list[Path]:
    """Return the temporary files and folders of processes that have ended.

    Those of another host, which cannot be asked, count after a day.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if NAME.fullmatch(entry.name)]
    except OSError:
        return []
    return [folder / name for name in sorted(names) if _is_left_over(folder / name, now)]


def remove(path: Path) -> None:
    """Delete a temporary file or folder, as far as that is permitted."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()


def _is_left_over(path: Path, now: float) -> bool:
    match = NAME.fullmatch(path.name)
    if match is None or path.name.startswith(own_prefix(os.getpid())):
        return False
    host, process, start = match.groups()
    if host != _digest(socket.gethostname()):
        try:
            return now - path.lstat().st_mtime > DAY
        except OSError:  # its process has just renamed it
            return False
    return _has_ended(int(process), start)


def _has_ended(process: int, start: str) -> bool:
    if process >= 2**31:  # no system has such an id
        return True
    return processes.has_ended(process, lambda actual: start in {_digest(""), _digest(actual)})


@cache
def own_prefix(process: int) -> str:
    """Return what the names of this process begin with; an unknown start is that of no text."""
    state_and_start = processes.state_and_start(process)
    start = state_and_start[1] if state_and_start else ""
    return f".zoo-{_digest(socket.gethostname())}-{process}-{_digest(start)}-"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
