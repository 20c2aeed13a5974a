"""The real MNIST where ZOO_DATA names it: tests that need it skip elsewhere, and say so."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ["ZOO_DATA"]).resolve() if "ZOO_DATA" in os.environ else None
needs_mnist = pytest.mark.skipif(FOLDER is None, reason="ZOO_DATA names no folder with MNIST")


def folder() -> Path:
    """Return the folder, from wherever a test has gone."""
    assert FOLDER is not None
    return FOLDER


def file(name: str) -> Path:
    """Return one of its files, as it is packed there."""
    return next(path for path in folder().rglob(f"{name}*"))
