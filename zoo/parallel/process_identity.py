"""The identity of a process: host, id and start time.

An id alone is not enough, because the system reuses the ids of processes that have ended.
"""

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MAX_PROCESS_ID = 2**31


def identity() -> tuple[str, int, str | None]:
    """Return the identity of this process; the start time is None if it is not known."""
    state_and_start = _state_and_start(os.getpid())
    start = state_and_start[1] if state_and_start else None
    return socket.gethostname(), os.getpid(), start


def is_identity(value: object) -> bool:
    """Return whether a value is an identity: a host, an id and perhaps a start time."""
    match value:
        case [str(), int(process)] | [str(), int(process), str() | None]:
            return 0 < process < MAX_PROCESS_ID
        case _:
            return False


def has_ended(identity: Sequence[Any]) -> bool:
    """Return whether a process of this host has ended, by its identity or by host and id alone.

    The processes of other hosts count as running, because they cannot be checked.
    """
    host, process, *start = identity
    if host != socket.gethostname():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it exists, and belongs to another user
    state_and_start = _state_and_start(process)
    if state_and_start is None:
        return False
    state, actual_start = state_and_start
    return state in {"Z", "X"} or (start not in ([], [None]) and start != [actual_start])


def _state_and_start(process: int) -> tuple[str, str] | None:
    """Return the letter of a process's state and its start time, as the system writes them."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return _state_and_start_by_ps(process)
    fields = text.rpartition(")")[2].split()  # the process name may have spaces and brackets
    return fields[0], f"{boot} {fields[19]}"  # fields 3 and 22: clock ticks since the boot


def _state_and_start_by_ps(process: int) -> tuple[str, str] | None:
    """Return state and start time from `ps`, for systems without /proc such as macOS."""
    try:
        result = subprocess.run(  # noqa: S603 - the id is a number
            ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(process)],  # noqa: S607 - found in PATH
            capture_output=True,
            check=True,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    state, _, start = result.stdout.strip().partition(" ")
    return (state[0], start.strip()) if state and start else None
