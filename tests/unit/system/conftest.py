"""Other systems than the one that runs the tests."""

import os

import pytest

from zoo import system
from zoo.system import temporary


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    temporary.own_prefix(os.getpid())  # the real one; Windows cannot be asked here
    monkeypatch.setattr(system, "IS_WINDOWS", True)


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "IS_WINDOWS", False)
    monkeypatch.setattr(system, "IS_MACOS", False)


@pytest.fixture
def on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "IS_WINDOWS", False)
    monkeypatch.setattr(system, "IS_MACOS", True)
