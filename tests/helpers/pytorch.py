"""PyTorch, which some machines have."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest


def torch() -> Any:  # noqa: ANN401 - its types are there only where it is installed
    """Return PyTorch; without it the test is skipped, but in CI it fails."""
    if not find_spec("torch"):
        if os.environ.get("CI"):
            pytest.fail("CI has no PyTorch to compare with")
        pytest.skip("PyTorch is not installed, and it is what this is compared with")
    return import_module("torch")
