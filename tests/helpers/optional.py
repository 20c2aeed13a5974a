"""Packages that only some tests need."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest


def optional(name: str) -> Any:
    """Return a package; without it the test is skipped, but in CI it fails."""
    if not find_spec(name):
        words = f"{name} is not installed: pip install '.[dev]' torch"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    return import_module(name)


def torch() -> Any:
    """Return PyTorch."""
    return optional("torch")
