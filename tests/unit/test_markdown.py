"""Text of others in Markdown, read by a Markdown parser."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.markdown_page import page
from zoo import markdown

PIECES = [*"\\`*_{}[]()<>#+-.!|~$&=: \n\t1a", "<script>", "javascript:", "&lt;", "---", "www."]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def visible(text: str) -> str:
    """Return the text without spaces, and without the marks of code, which are not shown."""
    return "".join(text.replace("`", "").split())


@given(text=HOSTILE)
@example(text="<script>alert(1)</script>")
@example(text="[x](javascript:alert(1)) ![y](z.png)")
@example(text="# a\n\n===\n---\n- b")
@example(text="__a__ *b* ~~c~~ a_b")
@example(text="`<i>` ``x`` \\`y`")
def test_markdown_paragraph_is_text(text: str) -> None:
    """A paragraph of any text has no other element than code, and shows the whole text."""
    shown = page(f"{markdown.paragraph(text)}\nand more\n")
    assert set(shown.elements) <= {"p", "code"}, shown.elements
    assert visible(shown.text) == visible(f"{text} and more")


@given(text=HOSTILE, other=HOSTILE)
def test_markdown_cells_are_text(text: str, other: str) -> None:
    """A row has as many cells as were given, whatever is in them."""
    shown = page(f"{markdown.row(['a', 'b'])}|---|---|\n{markdown.row([text, other])}")
    assert shown.elements.count("td") == 2
    assert shown.elements.count("tr") == 2
    assert set(shown.elements) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert visible(shown.text) == visible(f"ab{text}{other}")


@given(text=HOSTILE, other=HOSTILE)
def test_markdown_lines_are_no_block(text: str, other: str) -> None:
    """A line does not turn the line above it into a heading or a table."""
    lines = filter(None, map(markdown.paragraph, (text, other)))
    assert set(page("\n".join(lines)).elements) <= {"p", "code"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("p < 0.0001, a & b", "p < 0.0001, a & b"),
        ("train.hidden_units", "train.hidden_units"),
        ("-1.42", "-1.42"),
        ("3.5% of `zoo show`", "3.5% of `zoo show`"),
        ("\x1b[31m", r"\\x1b\[31m"),
    ],
)
def test_markdown_of_usual_words(text: str, written: str) -> None:
    """What has no meaning in Markdown stays as it is."""
    assert markdown.inline(text) == written


def test_markdown_code_that_holds_code() -> None:
    """The marks around code are longer than those in it."""
    assert markdown.code_block("a\n```\nb\n", "text") == "````text\na\n```\nb\n````\n"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://x.org/a_(b)?c=d", "[a\\]b](https://x.org/a_%28b%29?c=d)"),
        ("javascript:alert(1)", "“a\\]b” (javascript:alert(1))"),
        ("https://x.org/ \n<b>", "[a\\]b](https://x.org/%20%0A%3Cb%3E)"),
    ],
)
def test_markdown_link(address: str, written: str) -> None:
    """Only an address of the web is a link, and it does not end before its end."""
    assert markdown.link("a]b", address) == written
