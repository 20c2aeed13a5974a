"""Optional packages of some tests."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest


def optional(name: str) -> Any:
    """Return a package; if it is missing, skip the test, or fail in CI."""
    if not find_spec(name):
        message = f"{name} is not installed: pip install '.[dev]' torch"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return import_module(name)


def torch() -> Any:
    """Return PyTorch."""
    return optional("torch")
