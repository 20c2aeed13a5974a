"""What is built once a test run, however many workers share it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a path that the first worker to ask for it has built; the others wait for it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # that of the whole run
    path, mark = base / name, base / f"{name}.built"
    with FileLock(base / f"{name}.lock"):
        if not mark.exists():
            build(path)
            mark.touch()
    return path
