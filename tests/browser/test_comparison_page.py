"""The page of `zoo compare` in Chromium."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.chromium import browsing
from tests.helpers.comparisons import DIGITS, ours, own, page
from zoo import compare


@pytest.mark.parametrize(
    ("width", "dark"), [(360, False), (360, True), (1280, False), (1280, True)]
)
def test_a_browser_finds_no_error_asks_nobody_and_needs_no_second_scrollbar(
    tmp_path: Path, width: int, *, dark: bool
) -> None:
    one, two = ours(), own(tmp_path / "runs", 0, 1, 2)
    (pair,) = compare.pairs([(one, two)], {"digits": DIGITS})
    path = tmp_path / "page.html"
    path.write_text(page([one, two], pairs=[pair]), encoding="utf-8")
    with browsing(tmp_path) as browser:
        browser.open(path, width=width, dark=dark)
        assert browser.requests == [path.resolve().as_uri()]
        assert browser.complaints == []
        assert browser.ask("document.documentElement.scrollWidth <= window.innerWidth")
        paper = browser.ask("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
        smallest = browser.ask(
            "Math.min(...[...document.querySelectorAll('.diagrams svg text')].map(text => "
            "parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"
        )
        assert isinstance(smallest, float)
        assert smallest >= 7.5
        assert browser.ask("document.images.length") == browser.ask(
            "[...document.images].filter(image => image.naturalWidth).length"
        )
        headings = browser.ask("[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName)")
        assert isinstance(headings, list)
        assert headings[0] == "H1"
        assert all(int(b[1]) <= int(a[1]) + 1 for a, b in pairwise(headings))
