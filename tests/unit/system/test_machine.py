"""The memory, the processors and their name on each system."""

import os
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from zoo.system import machine


def test_total_memory_of_this_machine() -> None:
    assert 2**28 < machine.total_memory() < 2**50


@pytest.mark.usefixtures("on_linux")
def test_total_memory_without_sysconf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert machine.total_memory() == 64 * 2**30


@pytest.mark.parametrize(("count", "expected"), [(6, 6), (None, 1)])
def test_allowed_cpus_without_affinity(
    monkeypatch: pytest.MonkeyPatch, count: int | None, expected: int
) -> None:
    """macOS and Windows count all CPUs."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert machine.allowed_cpus() == expected


@pytest.mark.usefixtures("on_windows")
def test_processor_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "Intel64 Family 6 Model 142 Stepping 10, GenuineIntel"
    monkeypatch.setenv("PROCESSOR_IDENTIFIER", name)
    assert machine.processor() == name
    monkeypatch.delenv("PROCESSOR_IDENTIFIER")
    assert machine.processor() == ""


@pytest.mark.usefixtures("on_macos")
def test_processor_on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> SimpleNamespace:
        assert command[1:] == ["-n", "machdep.cpu.brand_string"]
        return SimpleNamespace(stdout="Apple M1\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert machine.processor() == "Apple M1"


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "none"), subprocess.CalledProcessError(1, "sysctl")]
)
@pytest.mark.usefixtures("on_macos")
def test_processor_without_sysctl(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def run(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    assert machine.processor() == ""
