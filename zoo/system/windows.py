"""The functions of Windows that Python does not have, called by ctypes."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from typing import Any

QUERY_LIMITED_INFORMATION = 0x1000  # rights to a process
SYNCHRONIZE = 0x100000
INVALID_PARAMETER = 87  # error of an id without a process
STILL_RUNNING = 258  # the wait for its end has timed out


class MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX."""

    _fields_ = (
        ("dwLength", ctypes.c_uint32),
        ("dwMemoryLoad", ctypes.c_uint32),
        ("ullTotalPhys", ctypes.c_uint64),
        ("ullAvailPhys", ctypes.c_uint64),
        ("ullTotalPageFile", ctypes.c_uint64),
        ("ullAvailPageFile", ctypes.c_uint64),
        ("ullTotalVirtual", ctypes.c_uint64),
        ("ullAvailVirtual", ctypes.c_uint64),
        ("ullAvailExtendedVirtual", ctypes.c_uint64),
    )


def total_memory() -> int:
    """Return the bytes of memory in this machine; 0 if Windows does not tell them."""
    status = MemoryStatus(dwLength=ctypes.sizeof(MemoryStatus))
    found = _kernel32().GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.ullTotalPhys) if found else 0


def process_exists(process: int) -> bool:
    """Return whether there is a process of this id, or one that has ended and is still known."""
    with _opened(process) as handle:
        return bool(handle) or _last_error() != INVALID_PARAMETER  # such as: access denied


def state_and_start(process: int) -> tuple[str, str] | None:
    """Return R or X for a process that runs or has ended, and its start time; None if unknown."""
    kernel32 = _kernel32()
    with _opened(process) as handle:
        if not handle:
            return None
        times = [wintypes.FILETIME() for _ in range(4)]  # creation, exit, kernel, user
        if not kernel32.GetProcessTimes(handle, *map(ctypes.byref, times)):
            return None
        runs = kernel32.WaitForSingleObject(handle, 0) == STILL_RUNNING
    created = times[0]
    return "R" if runs else "X", str(created.dwHighDateTime << 32 | created.dwLowDateTime)


@contextmanager
def _opened(process: int) -> Iterator[int | None]:
    """Yield a handle of a process, which is closed at the end; None if it could not be opened."""
    kernel32 = _kernel32()
    handle = kernel32.OpenProcess(QUERY_LIMITED_INFORMATION | SYNCHRONIZE, False, process)  # noqa: FBT003 - a function of C
    try:
        yield handle
    finally:
        if handle:
            kernel32.CloseHandle(handle)


def _kernel32() -> Any:
    """Return the library; without the types ctypes would cut a handle to 32 bits."""
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    filetime = ctypes.POINTER(wintypes.FILETIME)
    types: dict[Any, tuple[list[Any], Any]] = {
        kernel32.OpenProcess: (
            [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD],
            wintypes.HANDLE,
        ),
        kernel32.CloseHandle: ([wintypes.HANDLE], wintypes.BOOL),
        kernel32.WaitForSingleObject: ([wintypes.HANDLE, wintypes.DWORD], wintypes.DWORD),
        kernel32.GetProcessTimes: ([wintypes.HANDLE, *[filetime] * 4], wintypes.BOOL),
        kernel32.GlobalMemoryStatusEx: ([ctypes.POINTER(MemoryStatus)], wintypes.BOOL),
    }
    for function, (arguments, result) in types.items():
        function.argtypes, function.restype = arguments, result
    return kernel32


def _last_error() -> int:
    return int(ctypes.get_last_error())  # type: ignore[attr-defined,unused-ignore]
