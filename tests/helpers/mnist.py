"""The real MNIST in ZOO_DATA; without it, tests that need it are skipped."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ["ZOO_DATA"]).resolve() if "ZOO_DATA" in os.environ else None
needs_mnist = pytest.mark.skipif(FOLDER is None, reason="ZOO_DATA names no folder with MNIST")


def folder() -> Path:
    """Return the absolute folder, since a test may change the working directory."""
    assert FOLDER is not None
    return FOLDER


def file(name: str) -> Path:
    """Return one of its files, gzipped or not."""
    return next(path for path in folder().rglob(f"{name}*"))
