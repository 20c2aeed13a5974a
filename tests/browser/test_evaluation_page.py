"""The page of `zoo evaluate` in Chromium."""

from pathlib import Path

from tests.helpers.chromium import Browser
from tests.helpers.evaluation_report import judged, of_classes, report


def test_evaluation_page(browser: Browser, tmp_path: Path) -> None:
    """The page opens without an error or a request, also in the width of a phone."""
    page = tmp_path / "a report.html"
    page.write_text(report(judged()))
    for width in (1200, 360, 240):
        browser.open(page, width=width)
        assert browser.requests == [page.as_uri()]
        assert browser.messages == []
        assert browser.evaluate("document.querySelector('h1').textContent") == "stub"
        assert browser.evaluate("document.images.length") == 2
        assert browser.evaluate("[...document.images].every(one => one.naturalWidth == 8)") is True
        across = browser.evaluate("document.documentElement.scrollWidth")
        assert isinstance(across, int)
        assert across <= width
    colours = set()
    for dark in (False, True):
        browser.open(page, width=1200, dark=dark)
        colours.add(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == {"rgb(255, 255, 255)", "rgb(13, 17, 23)"}


# Every name of the confusion matrix that is not within its cell, or cut without a title, and
# every pair of cells of a row or column that overlap.
NAMES = """
(() => {
  const cells = [...document.querySelectorAll("table.heat :is(th, thead td)")]
  const box = element => element.getBoundingClientRect()
  const apart = (one, other) => one.right <= other.left + 1 || other.right <= one.left + 1
    || one.bottom <= other.top + 1 || other.bottom <= one.top + 1
  const wrong = []
  for (const cell of cells) {
    const name = cell.querySelector("span")
    if (!name) continue
    const [inner, outer] = [box(name), box(cell)]
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1
      || inner.bottom > outer.bottom + 1) wrong.push("outside: " + name.textContent)
    const isCut = name.scrollHeight > name.clientHeight + 1
      || name.scrollWidth > name.clientWidth + 1
    if (isCut && cell.title !== name.textContent) wrong.push("cut: " + name.textContent)
  }
  const header = [...document.querySelectorAll("table.heat thead :is(td, th)")].map(box)
  const rows = [...document.querySelectorAll("table.heat tbody th")].map(box)
  for (const boxes of [header, rows])
    boxes.slice(1).forEach((one, index) => { if (!apart(one, boxes[index])) wrong.push(index) })
  return wrong
})()
"""


def test_evaluation_page_long_names(browser: Browser, tmp_path: Path) -> None:
    """Class names of any length find room in the confusion matrix, of two and of thirty classes."""
    page = tmp_path / "report.html"
    names = ["ankle boot with a rather long descriptio", "donaudampfschifffahrtsgesellschaftskapit"]
    names += [*("T-shirt", "a", "shirt or blouse", "四角い字"), *(f"class {n}" for n in range(24))]
    for count in (2, 10, 30):
        page.write_text(report(of_classes(names[:count])), encoding="utf-8")
        for width in (1200, 360):
            browser.open(page, width=width)
            assert browser.messages == []
            assert browser.evaluate(NAMES) == []
            assert (
                browser.evaluate("document.querySelectorAll('table.heat span').length") == 2 * count
            )
            assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# The smallest contrast of a text to its background, as WCAG 2 defines it.
CONTRAST = """
(() => {
  const parts = colour => {
    const numbers = colour.match(/[\\d.]+/g).map(Number)
    const factor = colour.startsWith("color(") ? 255 : 1
    return numbers.map((number, place) => place < 3 ? number * factor : number)
  }
  const luminance = colour => {
    const [red, green, blue] = parts(colour).map(
      one => one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = element => {
    const colour = getComputedStyle(element).backgroundColor
    return parts(colour)[3] === 0 ? behind(element.parentElement) : colour
  }
  const texts = [...document.querySelectorAll("main :not(title)")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  return Math.min(...texts.map(element => {
    const style = getComputedStyle(element)
    const [high, low] = [element.closest("svg") ? style.fill : style.color, behind(element)]
      .map(luminance).sort((one, other) => other - one)
    return (high + 0.05) / (low + 0.05)
  }))
})()
"""


def test_evaluation_page_contrast(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(report(judged()))
    for dark in (False, True):
        browser.open(page, width=1200, dark=dark)
        contrast = browser.evaluate(CONTRAST)
        assert isinstance(contrast, float)
        assert 4.5 <= contrast < 21


def test_evaluation_page_trap(browser: Browser, tmp_path: Path) -> None:
    """The browser reports a request and a script."""
    page = tmp_path / "bad.html"
    text = report(judged())
    injected = '<img src="http://127.0.0.1:9/x.png"><script>console.log(1)</script>'
    page.write_text(text.replace("</main>", f"{injected}</main>"))
    browser.open(page, width=1200)
    assert len(browser.messages) >= 2  # the policy refuses both
    free = text.replace("Content-Security-Policy", "x")
    page.write_text(free.replace("</main>", f"{injected}</main>"))
    browser.open(page, width=1200)
    assert "http://127.0.0.1:9/x.png" in browser.requests
