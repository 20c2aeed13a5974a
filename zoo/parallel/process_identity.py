"""The identity of a process: host, id and start time.

An id alone is not enough, because the system reuses the ids of processes that have ended.
"""

import os
import socket
from collections.abc import Sequence
from typing import Any

from zoo.system import processes

MAX_PROCESS_ID = 2**31


def identity() -> tuple[str, int, str | None]:
    """Return the identity of this process; the start time is None if it is not known."""
    state_and_start = processes.state_and_start(os.getpid())
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
    return processes.has_ended(process, lambda actual: start in ([], [None], [actual]))
