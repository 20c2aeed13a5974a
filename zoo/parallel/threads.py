"""BLAS on one thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread: for networks this small, a second thread makes it slower."""
    with threadpool_limits(1, user_api="blas"):
        yield
