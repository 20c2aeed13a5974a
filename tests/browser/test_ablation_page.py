"""The page of `zoo ablate` in Chromium."""

from pathlib import Path

import pytest

from tests.cli.test_ablate import WITHOUT
from tests.helpers.chromium import browsing
from tests.helpers.command import zoo_ok

OWN = """
name = "own"
summary = "Trains in a moment."
data = { kind = "digits", split = { test = 360, seed = 42 } }
preprocess = { divide = 16, mean = 0.3 }
network = { hidden = [10] }

[train]
epochs = 3
batch = 16
rate = 0.1
weights = "he"
augment = [{ kind = "shift", pixels = 0.5 }]
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(OWN)


def test_the_page_opens_in_a_browser_without_an_error_or_a_request(tmp_path: Path) -> None:
    zoo_ok("ablate", "own.toml", "--seeds", 2, "--html", "page.html")
    text = Path("page.html").read_text()
    assert all(words.replace("'", "&#x27;") in text for words in WITHOUT)
    assert "zoo ablate own.toml --seeds 2 --html page.html" in text
    with browsing(tmp_path) as browser:
        for width, dark in ((1200, False), (380, True)):
            browser.open(tmp_path / "page.html", width=width, dark=dark)
            assert browser.complaints == []
            assert browser.requests == [(tmp_path / "page.html").resolve().as_uri()]
            assert browser.ask("document.documentElement.scrollWidth <= window.innerWidth")
