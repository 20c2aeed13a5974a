"""The CPUs: how many this process may use, and their name."""

import math
import os
from contextlib import suppress
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
QUOTAS = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))  # versions 2 and 1


def cpu_count() -> int:
    """Return the number of CPUs that this process may use, also in a container."""
    has_affinity = hasattr(os, "sched_getaffinity")  # not on macOS and Windows
    allowed = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return math.ceil(min(allowed, _quota()))


def processor() -> str:
    """Return the name of the processor; empty if the system does not have it in a file."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else ""


def _quota() -> float:
    """Return the number of CPUs that the container may use; infinity without a limit."""
    for names in QUOTAS:
        with suppress(OSError, ValueError):  # ValueError: the quota is "max"
            texts = [(CGROUPS / name).read_text(encoding="ascii") for name in names]
            quota, period = map(int, " ".join(texts).split())
            if quota > 0:
                return quota / period
    return math.inf
