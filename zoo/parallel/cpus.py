"""The number of CPUs that this process may use, also in a container."""

import math
from contextlib import suppress
from pathlib import Path

from zoo.system.machine import allowed_cpus

CGROUPS = Path("/sys/fs/cgroup")
QUOTAS = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))  # versions 2 and 1


def cpu_count() -> int:
    """Return the number of CPUs that this process may use."""
    return math.ceil(min(allowed_cpus(), _quota()))


def _quota() -> float:
    """Return the number of CPUs that the container may use; infinity without a limit."""
    for names in QUOTAS:
        with suppress(OSError, ValueError):  # ValueError: the quota is "max"
            texts = [(CGROUPS / name).read_text(encoding="ascii") for name in names]
            quota, period = map(int, " ".join(texts).split())
            if quota > 0:
                return quota / period
    return math.inf
