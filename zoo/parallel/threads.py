"""BLAS on one thread, and one computation at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from threadpoolctl import threadpool_limits

_locks: dict[int, RLock] = {}  # by process: a fork copies a lock that a thread of its parent holds


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread, while other threads of Python that want this wait.

    For networks this small, a second thread makes BLAS slower. The limit is that of the process,
    and a network writes into buffers that live: two threads would mix their images.
    """
    with _locks.setdefault(os.getpid(), RLock()), threadpool_limits(1, user_api="blas"):
        yield
