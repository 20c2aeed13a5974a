"""What a worker process does. NumPy must not be loaded before its threads are limited."""

import os
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from threading import Thread

from zoo.system import signals

# BLAS and OpenMP read them when they are loaded; threadpoolctl does not know Accelerate
THREAD_LIMITS = ("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def make_calls(connection: Connection) -> None:
    """Make the calls that arrive, until the parent process ends or this one is killed."""
    for name in THREAD_LIMITS:
        os.environ.setdefault(name, "1")
    signals.ignore_interrupts()
    # a process that a task forks would hide the death of this one
    signals.call_in_forked_children(connection.close)
    Thread(target=_exit_with_parent, daemon=True).start()
    with suppress(EOFError, ConnectionError):  # from a parent that has ended
        connection.send(None)  # this process has started
        while True:
            _make_call(connection)


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


def _exit_with_parent() -> None:
    """End this process with its parent, which cannot tell its workers when it is killed."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
