"""Other processes: whether they run, since when, and how they are ended."""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from zoo import system
from zoo.system import windows

ENDED = {"Z", "X"}  # letters of a process's state
MAX_CHILDREN = 61  # of Windows, which waits for at most 63 objects; as in concurrent.futures


def exists(process: int) -> bool:
    """Return whether there is a process of this id; it may have ended, and not be cleared away."""
    if system.IS_WINDOWS:  # there os.kill would end it
        return windows.process_exists(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists, and belongs to another user
    return True


def state_and_start(process: int) -> tuple[str, str] | None:
    """Return the letter of a process's state and its start time, as the system writes them."""
    if system.IS_WINDOWS:
        return windows.state_and_start(process)
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return state_and_start_by_ps(process)
    fields = text.rpartition(")")[2].split()  # the process name may have spaces and brackets
    return fields[0], f"{boot} {fields[19]}"  # fields 3 and 22: clock ticks since the boot


def has_ended(process: int, is_start: Callable[[str], bool]) -> bool:
    """Return whether a process has ended; `is_start` tells whether a start time is its own.

    Another process may have its id by now, with another start time.
    """
    if not exists(process):
        return True
    found = state_and_start(process)
    if found is None:
        return False
    state, start = found
    return state in ENDED or not is_start(start)


def has_parent(process: int, start: str | None) -> bool:
    """Return whether the process of this id and start time is this one's parent, and runs.

    Other processes may hold the parent's pipes open after its end; the system gives its children
    another parent at once. Windows does not, and reuses its id.
    """
    if system.IS_WINDOWS:
        state, actual = windows.state_and_start(process) or ("", start)
        return windows.process_exists(process) and state not in ENDED and start in {None, actual}
    return os.getppid() == process


def state_and_start_by_ps(process: int) -> tuple[str, str] | None:
    """Return state and start time from `ps`, for systems without /proc such as macOS."""
    try:
        result = subprocess.run(  # noqa: S603 - the id is a number
            ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(process)],  # noqa: S607 - found in PATH
            capture_output=True,
            check=True,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    state, _, start = result.stdout.strip().partition(" ")
    return (state[0], start.strip()) if state and start else None


def allowed_children(wanted: int) -> int:
    """Return how many of the wanted processes can be waited for at once."""
    return min(wanted, MAX_CHILDREN) if system.IS_WINDOWS else wanted


def can_measure() -> bool:
    """Return whether the system tells the time and memory of a child that has ended."""
    return hasattr(os, "posix_spawnp") and hasattr(os, "wait4")  # Windows has neither


def kill(process: int) -> None:
    """End a process at once, if it still runs."""
    if system.IS_WINDOWS:
        with suppress(OSError):  # it has ended, or is about to end
            os.kill(process, signal.SIGTERM)  # any number ends it
        return
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore]


def options_for_a_group() -> dict[str, Any]:
    """Return options of Popen for a process that `kill_group` ends with those that it starts."""
    if system.IS_WINDOWS:
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"start_new_session": True}


def kill_group(child: subprocess.Popen[Any]) -> None:
    """End a child at once, with the processes that it started.

    On Windows those of a child that has ended go on, because nothing leads to them.
    """
    if not system.IS_WINDOWS:
        # macOS does not permit signals to a group of which all processes have ended
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # type: ignore[attr-defined,unused-ignore]
        return
    if child.poll() is not None:
        return
    folder = Path(os.environ.get("SYSTEMROOT", "C:\\Windows"), "System32")
    with suppress(OSError):
        subprocess.run(  # noqa: S603 - a program of Windows, and a number
            [folder / "taskkill.exe", "/T", "/F", "/PID", str(child.pid)],
            capture_output=True,
            check=False,
        )
    child.kill()  # nothing if it has ended
