"""Text of others in Markdown: it stays text, and is never a link, a heading, an image or HTML.

Words in single backquotes stay code, in which nothing else has a meaning.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from zoo.control_characters import plain

CODE = re.compile(r"((?<!`)`[^`]+`(?!`))")
# 3 * x < 4, a & b and ~9% have no meaning; _ has none inside a word
SPECIAL = re.compile(
    r"[\\`\[\]|$]|\*(?!\s)|(?<!\s)~|<(?![\s\d=]|$)|&(?=[#A-Za-z])|(?P<underscores>_+)"
)
AT_THE_START = re.compile(  # of a list, or of a heading, a quotation, a rule, a table
    r"\A(\d+(?=[.)](?:\s|$))|(?=[#>+*=:-]))"
)
PIPE = "\\|"  # in a cell
ADDRESS = re.compile(r"https?://.+", re.DOTALL | re.IGNORECASE)
IN_ADDRESSES = ":/?#[]@!$&'*+,;=%~"


def inline(text: str) -> str:
    """Return text for a line that begins with something else: a heading, a sentence."""
    return _line(text, pipe="|")


def paragraph(text: str) -> str:
    """Return text for the beginning of a line."""
    return AT_THE_START.sub(r"\1\\", inline(text))


def row(cells: Iterable[str]) -> str:
    """Return a line of a table; an empty cell is one space."""
    return f"|{'|'.join(f' {_line(text, pipe=PIPE)} ' if text else ' ' for text in cells)}|\n"


def link(text: str, address: str) -> str:
    """Return a link; text alone if the address is not one of the web, such as javascript:."""
    if not ADDRESS.fullmatch(address):
        return f"“{inline(text)}” ({inline(address)})"
    return f"[{inline(text)}]({quote(address, safe=IN_ADDRESSES)})"


def code_block(text: str, language: str) -> str:
    """Return lines of code, between marks that are longer than any in them."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}\n"


def _line(text: str, *, pipe: str) -> str:
    """Return text without line breaks; `pipe` is written for | in code, which may end a cell."""
    parts = CODE.split(plain(" ".join(text.split())))
    return "".join(
        part.replace("|", pipe) if CODE.fullmatch(part) else _escaped(part) for part in parts
    )


def _escaped(text: str) -> str:
    return SPECIAL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    underscores = match["underscores"]
    if not underscores:
        return f"\\{match[0]}"
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    is_in_a_word = before.isalnum() and after.isalnum()
    return underscores if is_in_a_word else underscores.replace("_", "\\_")
