"""`python -m tests.browser.demo_image` writes the README's page of `zoo demo` and its image."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from zoo.models.handwriting import GLYPHS

from tests.helpers.chromium import browsing
from tests.helpers.command import zoo_ok
from tests.helpers.drawing import draw_by_mouse
from tests.helpers.paths import ROOT
from zoo.files import write_atomically

IMAGE = ROOT / "models" / "demo.png"
LINK = IMAGE.with_suffix(".html")
LINKED = ("mnist-128", "mnist-128-best")  # a page without MNIST's images
WIDE, HIGH, COLOURS = 1280, 985, 96
SEVEN = GLYPHS[7][1]  # with a bar; mnist-128 predicts a nine


def main() -> None:
    """Draw a seven on the page of all models, and write a screenshot."""
    with TemporaryDirectory() as folder, browsing(Path(folder)) as browser:
        zoo_ok("demo", *LINKED, "-o", LINK, ZOO_DATA=None, ZOO_CACHE_DIR=folder)
        page = Path(folder) / "demo.html"
        zoo_ok("demo", "-o", page)
        browser.open(page, width=WIDE)
        browser.call("Emulation.setScrollbarsHidden", hidden=True)
        draw_by_mouse(browser, SEVEN)
        browser.evaluate("new Promise((done) => setTimeout(done, 500))")  # the bars are animated
        shot = Path(folder) / "page.png"
        browser.screenshot(shot)
        with Image.open(shot) as full:
            visible = full.convert("RGB").crop((0, 0, WIDE, HIGH))
    content = BytesIO()
    small = visible.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(content, "PNG", optimize=True)
    write_atomically(IMAGE, content.getvalue())


if __name__ == "__main__":
    main()
