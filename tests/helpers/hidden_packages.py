"""Installed packages that seem to be missing, in this process or in another."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from zoo.export import runtimes

OTHER_RUNTIMES = ("openvino", "opencv-python", "opencv-python-headless", "tract")

SITECUSTOMIZE = """
import importlib.metadata
import sys

hidden = {packages!r}
version = importlib.metadata.version

def version_unless_hidden(name):
    if name in hidden:
        raise importlib.metadata.PackageNotFoundError(name)
    return version(name)

importlib.metadata.version = version_unless_hidden
sys.modules.update(dict.fromkeys(hidden))  # to import one raises ImportError
"""


def hide_in_processes(site: Path, *packages: str) -> None:
    """Hide packages from the processes that have this folder in PYTHONPATH."""
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SITECUSTOMIZE.format(packages=packages))


def hide_runtimes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every runtime of ONNX but onnx.reference in this process."""
    hidden = ("onnxruntime", *OTHER_RUNTIMES)

    def version(name: str) -> str:
        if name in hidden:
            raise importlib.metadata.PackageNotFoundError(name)
        return importlib.metadata.version(name)

    monkeypatch.setattr(runtimes, "version", version)
    for name in hidden:
        monkeypatch.setitem(sys.modules, name, None)
