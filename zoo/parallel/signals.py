"""Who hears Ctrl-C and the like: the process that has the work done, and none that does it."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Keep signals for the end of the block; the processes that it starts never hear Ctrl-C.

    They inherit that it is blocked, and so do all threads that start others later.
    """
    if not hasattr(signal, "pthread_sigmask"):  # on Windows nothing can be blocked
        yield
        return
    resource_tracker.ensure_running()  # begun in the block, it would let Ctrl-C through again
    heard: list[int] = []
    in_charge = threading.current_thread() is threading.main_thread()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    handler = signal.getsignal(signal.SIGTERM)
    if in_charge:  # blocked, it would not reach those processes either, and some need it
        signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        if in_charge:
            signal.signal(signal.SIGTERM, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number in heard:
            signal.raise_signal(number)


def exit_with_parent() -> None:
    """End this process soon after its parent, which may be killed and can say nothing then."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
