"""Signals: Ctrl-C, and requests to end."""

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERRUPTED = 128 + signal.SIGINT  # exit codes
TERMINATED = 128 + signal.SIGTERM


def termination_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask the program to end.

    On Windows no other program sends SIGTERM. SIGBREAK is Ctrl-Break, a console that is closed, and
    the end of a session.
    """
    break_signal = getattr(signal, "SIGBREAK", None)
    return (signal.SIGTERM, break_signal) if break_signal else (signal.SIGTERM,)


def exit_code(number: int) -> int:
    """Return the exit code of a program that a signal ended: 130 for Ctrl-C, otherwise 143."""
    return INTERRUPTED if number == signal.SIGINT else TERMINATED


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Delay SIGINT to the end of the block; processes started in it, and their threads, inherit it.

    Windows cannot block signals: see `ignore_interrupts`.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    with warnings.catch_warnings():
        # it may be killed with the workers; zoo has none of the resources that it would delete
        warnings.filterwarnings("ignore", "resource_tracker: process died")
        resource_tracker.ensure_running()  # started in the block, it would unblock SIGINT
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # type: ignore[attr-defined,unused-ignore]
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)  # type: ignore[attr-defined,unused-ignore]


def ignore_interrupts() -> None:
    """Ignore Ctrl-C in a worker, unless its parent blocked it.

    On Windows the console sends it to all processes, and closing it ends them after their parent.
    """
    if not hasattr(signal, "pthread_sigmask"):
        for number in (signal.SIGINT, *termination_signals()[1:]):
            signal.signal(number, signal.SIG_IGN)


def call_in_forked_children(function: Callable[[], object]) -> None:
    """Call a function in every process that is forked from this one; Windows does not fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)
