"""What a worker process does. NumPy must not be loaded before its threads are limited."""

import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread

from zoo.system import processes, signals

# BLAS and OpenMP read them when they are loaded; threadpoolctl does not know Accelerate
THREAD_LIMITS = ("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
PARENT_CHECK_EVERY = 0.5  # seconds


def make_calls(connection: Connection, parent: int, parent_start: str | None) -> None:
    """Make the calls that arrive, until the parent process ends or this one is killed.

    The parent hands over its own id and start time: it may have ended before this process asks.
    """
    Thread(target=_exit_with_parent, args=(parent, parent_start), daemon=True).start()
    for name in THREAD_LIMITS:
        os.environ.setdefault(name, "1")
    signals.ignore_interrupts()
    # a process that a task forks would hide the death of this one
    signals.call_in_forked_children(connection.close)
    with suppress(EOFError, ConnectionError):  # from a parent that has ended
        connection.send(None)  # this process has started
        while True:
            _make_call(connection)
    os._exit(1)  # the parent has ended; an ordinary end could wait for threads of a task


def _make_call(connection: Connection) -> None:
    """Send the outcome of the next call, or a Failure if one of them cannot be pickled."""
    from zoo.errors import describe
    from zoo.parallel.worker import Failure  # loads NumPy

    try:
        connection.send(connection.recv()())
    except (EOFError, ConnectionError):
        raise
    except Exception as error:  # noqa: BLE001 - a failed task must not end the others
        connection.send(Failure(f"The task or its result cannot be pickled: {describe(error)}."))
    except KeyboardInterrupt:  # of the task: those of a terminal are ignored here
        connection.send(Failure("The task raised KeyboardInterrupt."))


def _exit_with_parent(parent: int, start: str | None) -> None:
    """End this process with its parent, which cannot tell its workers when it is killed."""
    while processes.has_parent(parent, start):
        time.sleep(PARENT_CHECK_EVERY)
    os._exit(1)
