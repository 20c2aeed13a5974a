"""The number of CPUs that this process may use."""

import os
from pathlib import Path

import pytest

from zoo.parallel import cpus

V1 = "cpu/cpu.cfs_quota_us"
PERIOD = "cpu/cpu.cfs_period_us"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8),
        ({"cpu.max": "max 100000\n"}, 8),
        ({"cpu.max": "250000 100000\n"}, 3),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "9900000 100000\n"}, 8),
        ({V1: "-1\n", PERIOD: "100000\n"}, 8),
        ({V1: "200000\n", PERIOD: "100000\n"}, 2),
        ({V1: "200000\n"}, 8),
    ],
)
def test_cpu_count_in_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int
) -> None:
    """A quota of 2.5 CPUs is 3 workers, and no quota gives more CPUs than there are."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(cpus, "CGROUPS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert cpus.cpu_count() == expected
