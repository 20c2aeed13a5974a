"""The page of `zoo compare` in Chromium."""

from itertools import pairwise
from pathlib import Path

from tests.helpers.chromium import Browser


def test_comparison_page(browser: Browser, tmp_path: Path) -> None:
    """The page opens without an error or a request, fits its window and can be read."""
    from tests.helpers.comparisons import DIGITS, ours, own, page
    from zoo.analysis.pairwise import pairs

    one, two = ours(), own(tmp_path / "runs", 0, 1, 2)
    (pair,) = pairs([(one, two)], {"digits": DIGITS})
    path = tmp_path / "page.html"
    path.write_text(page([one, two], pairs=[pair]), encoding="utf-8")
    for width, dark in ((360, True), (1280, False)):
        browser.open(path, width=width, dark=dark)
        assert browser.requests == [path.resolve().as_uri()]
        assert browser.messages == []
        assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
        smallest = browser.evaluate(
            "Math.min(...[...document.querySelectorAll('.diagrams svg text')].map(text => "
            "parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"
        )
        assert isinstance(smallest, int | float)
        assert smallest >= 7.5
        assert browser.evaluate("document.images.length") == browser.evaluate(
            "[...document.images].filter(image => image.naturalWidth).length"
        )
        headings = browser.evaluate(
            "[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName)"
        )
        assert isinstance(headings, list)
        assert headings[0] == "H1"
        assert all(int(b[1]) <= int(a[1]) + 1 for a, b in pairwise(headings))
