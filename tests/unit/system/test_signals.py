"""Ctrl-C and requests to end on each system."""

import os
import signal

import pytest

from zoo.parallel.signals import signals_blocked
from zoo.system import signals

SIGBREAK = 21


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[int, object]:
    """Return the handlers that are set on a system as Windows: with SIGBREAK, without masks."""
    found: dict[int, object] = {}
    monkeypatch.setattr(signal, "SIGBREAK", SIGBREAK, raising=False)
    monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
    monkeypatch.setattr(signal, "signal", found.__setitem__)
    return found


def test_termination_signals_here() -> None:
    assert signal.SIGTERM in signals.termination_signals()


@pytest.mark.usefixtures("handlers")
def test_termination_signals_on_windows() -> None:
    """Ctrl-Break and closing the console end a program as SIGTERM does."""
    assert signals.termination_signals() == (signal.SIGTERM, SIGBREAK)
    codes = [signals.exit_code(number) for number in (signal.SIGINT, signal.SIGTERM, SIGBREAK)]
    assert codes == [130, 143, 143]


def test_ignore_interrupts_on_windows(handlers: dict[int, object]) -> None:
    """The console sends Ctrl-C to the workers too."""
    signals.ignore_interrupts()
    assert handlers == {signal.SIGINT: signal.SIG_IGN, SIGBREAK: signal.SIG_IGN}


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked")
def test_ignore_interrupts_elsewhere() -> None:
    """The parent has blocked it."""
    before = signal.getsignal(signal.SIGINT)
    signals.ignore_interrupts()
    assert signal.getsignal(signal.SIGINT) is before


def test_signals_blocked_without_masks(
    handlers: dict[int, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM is recorded during the block, and raised again at its end."""
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    before = signal.getsignal(signal.SIGTERM)
    with signals_blocked():
        record = handlers[signal.SIGTERM]
        assert callable(record)
        record(signal.SIGTERM, None)
        assert raised == []
    assert raised == [signal.SIGTERM]
    assert handlers[signal.SIGTERM] is before


def test_call_in_forked_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that does not fork has nothing to call."""
    called: list[object] = []
    monkeypatch.setattr(
        os,
        "register_at_fork",
        lambda *, after_in_child: called.append(after_in_child),
        raising=False,
    )
    signals.call_in_forked_children(list)
    monkeypatch.delattr(os, "register_at_fork")
    signals.call_in_forked_children(dict)
    assert called == [list]
