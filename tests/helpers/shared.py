"""Files that are built once per test run and shared by all workers."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a path that the first worker builds while the others wait."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the folder of the full test run
    path, mark = base / name, base / f"{name}.built"
    with FileLock(base / f"{name}.lock"):
        if not mark.exists():
            build(path)
            mark.touch()
    return path
