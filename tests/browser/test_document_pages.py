"""The READMEs as pages: rendered as GitHub and as the package index do, in light and dark."""

from pathlib import Path

import pytest

from tests.helpers import documents
from tests.helpers.chromium import Browser
from tests.helpers.optional import optional
from tests.helpers.paths import ROOT

DOCUMENTS = [
    pytest.param(document, id=str(document.relative_to(ROOT))) for document in documents.documents()
]
STYLE = """
:root { color-scheme: light dark }
body { max-width: 1012px; margin: auto; font: 16px/1.5 sans-serif }
img { max-width: 100% } table { display: block; overflow: auto; border-collapse: collapse }
td, th { border: 1px solid #8888; padding: 6px 13px } pre { overflow: auto; background: #8882 }
"""
WRONG = "[...document.images].filter((image) => !image.naturalWidth).map((image) => image.src)"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_page(document: Path, browser: Browser, tmp_path: Path, *, dark: bool) -> None:
    """GitHub's own parser makes the page; its images load, and nothing else is loaded."""
    markdown = document.read_text(encoding="utf-8")
    parser = optional("cmarkgfm")  # GitHub keeps raw HTML such as <img>
    unsafe = parser.cmark.Options.CMARK_OPT_UNSAFE
    html = parser.github_flavored_markdown_to_html(markdown, options=unsafe)
    page = tmp_path / "page.html"
    base = f'<base href="{document.parent.as_uri()}/">'
    page.write_text(f"<!doctype html>{base}<style>{STYLE}</style>{html}", encoding="utf-8")
    browser.open(page, width=1100, dark=dark)
    assert browser.evaluate(WRONG) == []
    assert browser.evaluate("document.querySelectorAll('h1').length") == 1
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert all(url.startswith("file:") for url in browser.requests)


def test_readme_on_the_package_index() -> None:
    """The renderer of the package index accepts the README and keeps its headings and images."""
    html = optional("readme_renderer.markdown").render((ROOT / "README.md").read_text())
    assert html is not None
    assert html.count("<h2") == (ROOT / "README.md").read_text().count("\n## ")
    assert html.count("<img") == 3
    assert "<script" not in html
