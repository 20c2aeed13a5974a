"""Fixtures, marks and Hypothesis profiles for all tests."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

import zoo
from tests.helpers.bundles import write_images
from tests.helpers.command import zoo_ok
from tests.helpers.shared import built_once
from zoo.data.locations import DataLocations

TESTS = Path(__file__).parent
FOLDERS = ("smoke", "integration", "browser", "interop", "reproduction")

# No deadline: another program may have the processor while an example runs.
# By default the same examples every time, so that nothing fails that did not before, and no
# database of them, which a read-only checkout could not hold.
settings.register_profile("few", max_examples=15, deadline=None, derandomize=True)
settings.register_profile("many", max_examples=100, deadline=None)
settings.load_profile("few")  # `--hypothesis-profile=many` comes after it, and wins


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of tests/integration/attacks, which can run for hours."""
    parser.addoption("--attack-cases", type=int, default=100, help="damaged files of each format")
    parser.addoption("--attack-seed", type=int, default=0, help="other damages of the files")
    parser.addoption("--every-write", action="store_true", help="kill commands at every write")


def pytest_report_header() -> list[str]:
    """Say which copy of zoo is tested: an installed copy does not have the edits of this clone."""
    tested = Path(zoo.__file__).parent
    lines = [f"zoo: {tested}"]
    if tested != TESTS.parent / "zoo":
        lines.append("zoo: to test the files of this clone: pip install -e '.[test]'")
    return lines


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, so that `pytest tests -m "not browser"` chooses."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in FOLDERS:
            item.add_marker(folder)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Hold BLAS to the one thread that zoo itself gives it: two that wait for each other crawl."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Let what is started here hear Ctrl-C, also where a shell runs the tests in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of this machine reach a test, and no test the cache of this machine."""
    for name in os.environ:
        if name.startswith("ZOO_") or name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("ZOO_CACHE_DIR", str(tmp_path / "caches" / "zoo"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))  # of other libraries
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


@pytest.fixture
def places(tmp_path: Path) -> DataLocations:
    """Return an empty cache that no mirror fills."""
    return DataLocations(None, None, tmp_path / "cache", offline=False, mirrors=())


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of two models, in which mnist-128 answers if no other is asked for."""
    return built_once(
        tmp_path_factory,
        "both.pyz",
        lambda path: zoo_ok("bundle", "mnist-128", "digits-10", "-o", path),
    )


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return digits-10 as a folder, as `zoo bundle --kind folder` writes it."""
    return built_once(
        tmp_path_factory,
        "digits-10",
        lambda path: zoo_ok("bundle", "digits-10", "--kind", "folder", "-o", path),
    )


@pytest.fixture(scope="session")
def bundle_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of images as people make them."""
    return built_once(tmp_path_factory, "images", write_images)
