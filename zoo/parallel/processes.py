"""Identity of a process: host, id and start time.

An id alone names a process only while it runs: later the system gives it to another one.
"""

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST = 2**31  # above every process id


def identity() -> tuple[str, int, str | None]:
    """Return the identity of this process; the start time is None where nothing tells it."""
    found = _state_and_start(os.getpid())
    return socket.gethostname(), os.getpid(), found[1] if found else None


def is_identity(known: object) -> bool:
    """Return whether this is an identity: a host, an id and, if it was known, a start time."""
    match known:
        case [str(), int(process)] | [str(), int(process), str() | None]:
            return 0 < process < MOST
        case _:
            return False


def has_ended(known: Sequence[Any]) -> bool:
    """Return whether a process of this host has ended, by its identity or by host and id alone.

    The processes of other hosts cannot be seen from here, and count as running.
    """
    host, process, *start = known
    if host != socket.gethostname():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # another user's, but it is there
    found = _state_and_start(process)
    if found is None:
        return False
    state, began = found
    return state in {"Z", "X"} or (start not in ([], [None]) and start != [began])


def _state_and_start(process: int) -> tuple[str, str] | None:
    """Return the letter of a process's state and when it began, as the system writes that."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return _state_and_start_by_ps(process)
    fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return fields[0], f"{boot} {fields[19]}"  # fields 3 and 22: clock ticks since the boot


def _state_and_start_by_ps(process: int) -> tuple[str, str] | None:
    """Return the same by `ps`, where there is no /proc as on macOS."""
    try:
        done = subprocess.run(  # noqa: S603 - the id is a number
            ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(process)],  # noqa: S607 - from the path
            capture_output=True,
            check=True,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    state, _, began = done.stdout.strip().partition(" ")
    return (state[0], began.strip()) if state and began else None
