"""The machine: its memory, its processors and their name."""

import math
import os
import subprocess
from pathlib import Path

from zoo import system
from zoo.system import windows

UNKNOWN_MEMORY = 2**36  # 64 GiB


def total_memory() -> int:
    """Return the bytes of memory in this machine; 64 GiB where the system does not report it."""
    if system.IS_WINDOWS:
        return windows.total_memory() or UNKNOWN_MEMORY
    try:
        sizes = [os.sysconf(name) for name in ("SC_PAGE_SIZE", "SC_PHYS_PAGES")]  # type: ignore[attr-defined,unused-ignore]
        return math.prod(sizes)
    except (AttributeError, ValueError, OSError):  # a name that this system does not have
        return UNKNOWN_MEMORY


def allowed_cpus() -> int:
    """Return the number of CPUs that this process may use; macOS and Windows tell all CPUs."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """Return the name of the processor; empty if the system does not tell it."""
    if system.IS_WINDOWS:
        return os.environ.get("PROCESSOR_IDENTIFIER", "")
    return _processor_by_sysctl() if system.IS_MACOS else _processor_in_file()


def _processor_in_file() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else ""


def _processor_by_sysctl() -> str:
    try:
        result = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"],
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return result.stdout.strip()
