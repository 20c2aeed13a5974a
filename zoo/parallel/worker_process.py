"""What a worker process does. NumPy must not be loaded before its threads are limited."""

import os
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from threading import Thread

# BLAS and OpenMP read them when they are loaded; threadpoolctl does not know Accelerate
THREAD_LIMITS = ("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def make_calls(connection: Connection) -> None:
    """Make the calls that arrive, until the parent process ends or this one is killed."""
    for name in THREAD_LIMITS:
        os.environ.setdefault(name, "1")
    Thread(target=_exit_with_parent, daemon=True).start()
    with suppress(EOFError, ConnectionError):  # from a parent that has ended
        while True:
            connection.send(connection.recv()())


def _exit_with_parent() -> None:
    """End this process with its parent, which cannot tell its workers when it is killed."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
