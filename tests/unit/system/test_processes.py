"""Whether processes run, and how they are ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zoo.parallel.processes import ProcessEngine
from zoo.system import processes


class Child:
    """A child process that records what is done to it."""

    pid = 77

    def __init__(self, code: int | None = None) -> None:
        self.code = code
        self.killed = False

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.killed = True


def test_exists_this_process() -> None:
    """The real branch of this system."""
    assert processes.exists(os.getpid())
    found = processes.state_and_start(os.getpid())
    assert found is not None
    assert found[0] not in processes.ENDED


def test_has_parent_of_this_process() -> None:
    """The real branch of this system: a process that is not the parent, and the parent."""
    _, start = processes.state_and_start(os.getppid()) or ("", None)
    assert processes.has_parent(os.getppid(), start)
    assert sys.platform == "win32" or not processes.has_parent(os.getpid(), None)


@pytest.mark.parametrize(
    ("error", "expected"), [(ProcessLookupError, False), (PermissionError, True)]
)
@pytest.mark.usefixtures("on_linux")
def test_exists_by_signal(
    monkeypatch: pytest.MonkeyPatch, error: type[OSError], *, expected: bool
) -> None:
    """A process of another user exists."""

    def kill(process: int, number: int) -> None:
        assert (process, number) == (5, 0)
        raise error

    monkeypatch.setattr(os, "kill", kill)
    assert processes.exists(5) is expected


@pytest.mark.usefixtures("on_linux")
def test_kill_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, int]] = []

    def kill(*arguments: int) -> None:
        calls.append(arguments)  # type: ignore[arg-type]
        raise ProcessLookupError

    monkeypatch.setattr(signal, "SIGKILL", 9, raising=False)
    monkeypatch.setattr(os, "kill", kill)
    processes.kill(5)
    assert calls == [(5, 9)]


@pytest.mark.usefixtures("on_windows")
def test_kill_without_sigkill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has no SIGKILL, and refuses to end a process that is about to end."""
    calls: list[tuple[int, int]] = []

    def kill(*arguments: int) -> None:
        calls.append(arguments)  # type: ignore[arg-type]
        raise PermissionError

    monkeypatch.delattr(signal, "SIGKILL", raising=False)
    monkeypatch.setattr(os, "kill", kill)
    processes.kill(5)
    assert calls == [(5, signal.SIGTERM)]


def test_kill_group_of_this_system() -> None:
    """A child is ended, and ending it again is not an error."""
    options = processes.options_for_a_group()
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, **options
    ) as child:
        processes.kill_group(child)
        assert child.wait() != 0
        processes.kill_group(child)


@pytest.mark.parametrize("error", [ProcessLookupError, PermissionError])
@pytest.mark.usefixtures("on_linux")
def test_kill_group_that_has_ended(monkeypatch: pytest.MonkeyPatch, error: type[OSError]) -> None:
    """macOS does not permit to signal a group of processes that have ended."""

    def killpg(group: int, number: int) -> None:
        assert (group, number) == (77, 9)
        raise error

    monkeypatch.setattr(signal, "SIGKILL", 9, raising=False)
    monkeypatch.setattr(os, "killpg", killpg, raising=False)
    processes.kill_group(Child())  # type: ignore[arg-type]


@pytest.mark.usefixtures("on_windows")
def test_kill_group_by_taskkill(monkeypatch: pytest.MonkeyPatch) -> None:
    """taskkill ends a running child with its own children, and a child that has ended is left."""
    commands: list[list[str]] = []
    monkeypatch.delattr(os, "killpg", raising=False)
    monkeypatch.setenv("SYSTEMROOT", "/windows")
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: commands.append(list(map(str, command)))
    )
    running, ended = Child(), Child(code=0)
    for child in (running, ended):
        processes.kill_group(child)  # type: ignore[arg-type]
    program = str(Path("/windows/System32/taskkill.exe"))
    assert commands == [[program, "/T", "/F", "/PID", "77"]]
    assert (running.killed, ended.killed) == (True, False)


@pytest.mark.usefixtures("on_windows")
def test_kill_group_without_taskkill(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child itself is ended in any case."""

    def run(*_: Any, **__: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", run)
    child = Child()
    processes.kill_group(child)  # type: ignore[arg-type]
    assert child.killed


@pytest.mark.usefixtures("on_windows")
def test_options_for_a_group_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the console does not reach the group."""
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    assert processes.options_for_a_group() == {"creationflags": 512}


@pytest.mark.usefixtures("on_windows")
def test_allowed_children_on_windows() -> None:
    """multiprocessing.connection.wait fails with more than 63 connections there."""
    assert [processes.allowed_children(wanted) for wanted in (1, 61, 62)] == [1, 61, 61]
    assert ProcessEngine(1000).capacity == 61


@pytest.mark.usefixtures("on_linux")
def test_allowed_children_elsewhere() -> None:
    assert ProcessEngine(1000).capacity == 1000


def test_can_measure_without_wait4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "wait4", raising=False)
    assert not processes.can_measure()
