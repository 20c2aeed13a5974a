"""The page of `zoo ablate` in Chromium."""

from pathlib import Path

import pytest

from tests.helpers.chromium import Browser
from tests.helpers.command import zoo_ok
from tests.helpers.own_entries import ABLATED, WITHOUT


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(ABLATED)


def test_ablation_page(browser: Browser, tmp_path: Path) -> None:
    """The page opens without an error or a request, and fits its window."""
    zoo_ok("ablate", "own.toml", "--seeds", 2, "--html", "page.html")
    text = Path("page.html").read_text()
    assert all(words.replace("'", "&#x27;") in text for words in WITHOUT)
    assert "zoo ablate own.toml --seeds 2 --html page.html" in text
    for width, dark in ((1200, False), (380, True)):
        browser.open(tmp_path / "page.html", width=width, dark=dark)
        assert browser.messages == []
        assert browser.requests == [(tmp_path / "page.html").resolve().as_uri()]
        assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
