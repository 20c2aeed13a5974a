"""What every test stands on."""

from pathlib import Path

import pytest

from zoo.data.places import Places


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of this machine reach a test, and no test the cache of this machine."""
    for name in (
        "ZOO_OFFLINE",
        "ZOO_MIRRORS",
        "ZOO_DATA",
        "ZOO_RUNS",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Return an empty cache that no mirror fills."""
    return Places(None, None, tmp_path / "cache", offline=False, mirrors=())
