"""The real MNIST where ZOO_DATA names it: tests that need it skip elsewhere, and say so."""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("ZOO_DATA")
needs_mnist = pytest.mark.skipif(FOLDER is None, reason="ZOO_DATA names no folder with MNIST")


def folder() -> Path:
    """Return the folder, from wherever the test was started."""
    assert FOLDER is not None
    return Path(FOLDER).resolve()


def file(name: str) -> Path:
    """Return one of its files, as it is packed there."""
    return next(path for path in folder().rglob(f"{name}*"))
