"""Signal handling: only the parent process handles SIGINT and SIGTERM; workers ignore them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.system.signals import interrupts_blocked


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Delay signals to the end of the block; processes started in it ignore Ctrl-C.

    They inherit the blocked signal, and so do threads that later start other processes.
    """
    received: list[int] = []
    try:
        with interrupts_blocked(), _termination_recorded(received):
            yield
    finally:
        for number in received:
            signal.raise_signal(number)


@contextmanager
def _termination_recorded(received: list[int]) -> Iterator[None]:
    """Record SIGTERM in the block. It is not blocked, because the started processes need it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
