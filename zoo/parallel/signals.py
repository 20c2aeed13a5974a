"""Signal handling: only the parent process handles SIGINT and SIGTERM; workers ignore them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Delay signals to the end of the block; processes started in it ignore Ctrl-C.

    They inherit the blocked signal, and so do threads that later start other processes.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows cannot block signals
        yield
        return
    resource_tracker.ensure_running()  # started in the block, it would unblock SIGINT
    received: list[int] = []
    in_main_thread = threading.current_thread() is threading.main_thread()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    handler = signal.getsignal(signal.SIGTERM)
    if in_main_thread:  # not blocked, because the started processes need SIGTERM
        signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        yield
    finally:
        if in_main_thread:
            signal.signal(signal.SIGTERM, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number in received:
            signal.raise_signal(number)
