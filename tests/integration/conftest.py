"""Folders with installed plugin packages, made once a test run."""

from pathlib import Path

import pytest

from tests.helpers.plugin_packages import install_broken, install_kinds, install_packages
from tests.helpers.shared import built_once


@pytest.fixture(scope="session")
def kinds_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which pip has installed the examples, and one with every kind."""
    return built_once(tmp_path_factory, "kinds-site", install_kinds)


@pytest.fixture(scope="session")
def broken_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with packages that break every promise, hang, or end the process."""
    return built_once(tmp_path_factory, "broken-site", install_broken)


@pytest.fixture(scope="session")
def packages_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sound package, and one of every kind of unsound ones."""
    return built_once(tmp_path_factory, "site", install_packages)
