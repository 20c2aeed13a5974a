"""Markdown as a page: its elements and its text."""

from html.parser import HTMLParser

from markdown_it import MarkdownIt

MARKUP = {"a", "img", "script", "em", "strong", "s", "hr"}  # that text of others must not make


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Note an element."""
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def page(text: str) -> Page:
    """Return the page that a parser with tables, strikethrough and HTML makes."""
    return Page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
