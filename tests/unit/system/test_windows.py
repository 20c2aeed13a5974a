"""The functions of Windows, against a library that answers as its documentation says."""

import ctypes
import os
import socket
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

import pytest

from zoo.parallel import process_identity
from zoo.system import machine, processes, windows

pytestmark = pytest.mark.usefixtures("on_windows")

RUNNING, ENDED, FORBIDDEN, ZOMBIE = 100, 200, 300, 400  # ids of processes
HANDLE = 2**40 + 8  # more than 32 bits
CREATED = (31_000_000, 4_000_000_000)  # the high and the low half of a time
START = str(31_000_000 * 2**32 + 4_000_000_000)


class Function:
    """A function of a library: it has to be told its types before it is called."""

    def __init__(self, function: Callable[..., int | None]) -> None:
        self.function = function
        self.argtypes: list[Any] | None = None
        self.restype: Any = None

    def __call__(self, *arguments: Any) -> int | None:
        assert self.argtypes is not None
        assert len(self.argtypes) == len(arguments)
        assert self.restype in {wintypes.HANDLE, wintypes.BOOL, wintypes.DWORD}
        return self.function(*arguments)


class Kernel32:
    """A library that knows four processes, and which handles are open."""

    def __init__(self) -> None:
        self.error = 0
        self.opened: list[int] = []
        self.memory = 16 * 2**30
        for name in ("OpenProcess", "CloseHandle", "WaitForSingleObject", "GetProcessTimes"):
            setattr(self, name, Function(getattr(self, f"_{name}")))
        self.GlobalMemoryStatusEx = Function(self._GlobalMemoryStatusEx)

    def _OpenProcess(self, rights: int, inherited: bool, process: int) -> int | None:  # noqa: FBT001, N802
        assert rights == 0x1000 | 0x100000
        assert not inherited
        self.process = process
        if process in {RUNNING, ZOMBIE}:
            self.opened.append(HANDLE)
            return HANDLE
        self.error = {ENDED: 87, FORBIDDEN: 5}[process]
        return None

    def _CloseHandle(self, handle: int) -> int:  # noqa: N802
        self.opened.remove(handle)
        return 1

    def _WaitForSingleObject(self, handle: int, milliseconds: int) -> int:  # noqa: N802
        assert handle in self.opened
        assert milliseconds == 0
        return 258 if self.process == RUNNING else 0

    def _GetProcessTimes(self, handle: int, *times: Any) -> int:  # noqa: N802
        assert handle in self.opened
        created = times[0]._obj  # noqa: SLF001 - what a reference refers to
        created.dwHighDateTime, created.dwLowDateTime = CREATED
        return 1

    def _GlobalMemoryStatusEx(self, status: Any) -> int:  # noqa: N802
        memory = status._obj  # noqa: SLF001 - what a reference refers to
        assert memory.dwLength == 64  # the size in the documentation, without which it fails
        memory.ullTotalPhys = self.memory
        return int(bool(self.memory))


@pytest.fixture
def kernel32(monkeypatch: pytest.MonkeyPatch) -> Kernel32:
    library = Kernel32()

    def load(name: str, *, use_last_error: bool) -> Kernel32:
        assert name == "kernel32"
        assert use_last_error
        return library

    monkeypatch.setattr(ctypes, "WinDLL", load, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: library.error, raising=False)
    return library


def test_exists_asks_without_a_signal(kernel32: Kernel32, monkeypatch: pytest.MonkeyPatch) -> None:
    """os.kill would end the process; every handle is closed."""
    monkeypatch.setattr(os, "kill", None)
    found = {process: processes.exists(process) for process in (RUNNING, ENDED, FORBIDDEN, ZOMBIE)}
    assert found == {RUNNING: True, ENDED: False, FORBIDDEN: True, ZOMBIE: True}
    assert kernel32.opened == []


def test_state_and_start_by_handle(kernel32: Kernel32) -> None:
    assert processes.state_and_start(RUNNING) == ("R", START)
    assert processes.state_and_start(ZOMBIE) == ("X", START)
    assert processes.state_and_start(ENDED) is None
    assert processes.state_and_start(FORBIDDEN) is None
    assert kernel32.opened == []


def test_state_and_start_without_times(kernel32: Kernel32, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel32, "GetProcessTimes", Function(lambda *_: 0), raising=False)
    assert processes.state_and_start(RUNNING) is None
    assert kernel32.opened == []


@pytest.mark.usefixtures("kernel32")
def test_has_ended_on_windows() -> None:
    """A process has ended, or its id belongs to one that started at another time."""
    host = socket.gethostname()
    assert not process_identity.has_ended([host, RUNNING, START])
    assert not process_identity.has_ended([host, RUNNING])
    assert process_identity.has_ended([host, RUNNING, "1"])
    assert process_identity.has_ended([host, ENDED, START])
    assert process_identity.has_ended([host, ZOMBIE, START])
    assert not process_identity.has_ended([host, FORBIDDEN, START])


@pytest.mark.usefixtures("kernel32")
def test_has_parent_on_windows() -> None:
    """A process keeps the id of a parent that has ended, which may belong to another one."""
    assert processes.has_parent(RUNNING, START)
    assert processes.has_parent(RUNNING, None)
    assert processes.has_parent(FORBIDDEN, START)
    assert not processes.has_parent(RUNNING, "1")
    assert not processes.has_parent(ENDED, START)
    assert not processes.has_parent(ZOMBIE, START)


def test_total_memory_on_windows(kernel32: Kernel32) -> None:
    assert machine.total_memory() == 16 * 2**30
    kernel32.memory = 0  # it fails
    assert machine.total_memory() == 64 * 2**30


def test_memory_status_layout() -> None:
    """MEMORYSTATUSEX has 64 bytes, and its total stands after two numbers of 32 bits."""
    assert ctypes.sizeof(windows.MemoryStatus) == 64
    assert windows.MemoryStatus.ullTotalPhys.offset == 8
