"""The end of the program: it does not wait for ever for threads of plugins."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from contextlib import suppress

PATIENCE = 5.0  # seconds for threads that still write something


def end_with(code: int) -> None:
    """Let the program end with this exit code, even if a thread of a plugin never ends.

    Python waits for all threads that are not daemons, as long as they take. The output of the
    command is complete, so after some seconds zoo warns of a thread and leaves it behind.
    """
    if _threads():
        threading.Thread(target=_end_without_threads, args=(code,), daemon=True).start()


def _threads() -> list[threading.Thread]:
    """Return the threads for which Python waits at its end."""
    main = threading.main_thread()
    return [thread for thread in threading.enumerate() if thread is not main and not thread.daemon]


def _end_without_threads(code: int) -> None:
    """End the process if threads are left after the time for them, as Python would end it."""
    deadline = time.monotonic() + PATIENCE
    for thread in _threads():
        thread.join(max(deadline - time.monotonic(), 0))
    names = [repr(thread.name) for thread in _threads()]
    if not names:
        return
    from zoo.formatting import listed, number

    from .terminal import warn

    subject, verb = ("threads", "run") if names[1:] else ("thread", "runs")
    message = (
        f"The {subject} {listed(names)} of a plugin or a library still {verb} "
        f"{number(PATIENCE)} seconds after the command; zoo ends all the same."
    )
    with suppress(OSError):  # stderr may be closed
        warn([message])
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no public name for it
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # it may be closed
            stream.flush()
    os._exit(code)
