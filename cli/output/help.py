"""The output of `zoo help`."""

from __future__ import annotations

import posixpath
import re
import sys
from typing import TYPE_CHECKING, ClassVar

from zoo import markdown

from .. import pager, terminal
from ..output_options import settings
from .result import Result, Row, Table, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from ..help import Guide

CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", flags=re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->\n?", flags=re.DOTALL)
PICTURE = re.compile(
    r"""<picture>.*?alt=["']([^"']*)["'].*?</picture>|<img\s[^>]*alt=["']([^"']*)["'][^>]*>"""
    r"""|!\[([^\]]*)\]\([^)]*\)""",
    flags=re.DOTALL,
)
LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\(<?([^)\s>]+)>?\)")
WIDTH = 100  # columns; longer lines are hard to read


def guides_result(guides: Mapping[str, Guide]) -> Result:
    """Return the list of the guides."""
    rows = [_row(name, guide) for name, guide in guides.items()]
    table = Table(
        ["guide", "about"],
        [(name, guide.title) for name, guide in guides.items()],
        notes=["", "`zoo help GUIDE` prints a guide, `zoo help COMMAND` a command's options."],
    )
    return Result(rows, tables=[table])


def page_result(name: str, page: str) -> Result:
    """Return the help page of a command."""
    row = {"name": name, "title": _first_line(page), "path": None, "text": page}
    return Result(row, markdown=markdown.code_block(page, "text"), document=page)


def _first_line(page: str) -> str:
    """Return the first line below the usage of a help page."""
    usage, _, rest = page.partition("\n\n")
    return rest.strip().partition("\n")[0] if usage else ""


def write_guide(name: str, guides: Mapping[str, Guide], *, is_command: bool) -> None:
    """Write a guide: laid out on a terminal, in a pager if it is long; else as it is."""
    guide = guides[name]
    text = guide.path.read_text(encoding="utf-8")
    note = f"`zoo {name} --help` lists the options of the command.\n" if is_command else ""
    current = settings.get()
    is_shown = current.out is None and (sys.stdout.isatty() or current.color == "always")
    if is_shown and current.output_format == "table" and not current.quiet:
        page = terminal.rendered(*_renderables(_for_terminal(text, guide, guides), note))
        if sys.stdout.isatty():
            pager.show(page)
        else:
            print(page, end="")
        return
    document = f"{text}\n{note}" if note else text
    write(Result({**_row(name, guide), "text": text}, markdown=text, document=document))


def _row(name: str, guide: Guide) -> Row:
    return {
        "name": name,
        "title": guide.title,
        "path": str(guide.path),
    }


def _renderables(text: str, note: str) -> Iterator[RenderableType]:
    from rich.constrain import Constrain
    from rich.markdown import CodeBlock, Markdown
    from rich.syntax import Syntax

    class Code(CodeBlock):
        """A block whose lines are neither indented nor wrapped, so that they can be copied."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            syntax = Syntax("", self.lexer_name, theme=self.theme)
            code = syntax.highlight(str(self.text).rstrip())
            code.no_wrap, code.overflow = True, "ignore"
            yield code

    class Page(Markdown):
        elements: ClassVar = Markdown.elements | {"fence": Code, "code_block": Code}

    # ansi_dark has only colours of the terminal itself, so that it is legible on any background
    page = Page(f"{text}\n{note}", code_theme="ansi_dark", hyperlinks=False)
    yield Constrain(page, WIDTH)


def _for_terminal(document: str, guide: Guide, guides: Mapping[str, Guide]) -> str:
    """Return Markdown whose links and pictures are words, outside of code.

    A link to another guide names it; other files of the repository may not be on this machine.
    """
    names = {other.folder: name for name, other in guides.items()}

    def words(match: re.Match[str]) -> str:
        text, target = match.groups()
        if re.match(r"https?:", target):
            return match[0]
        path = posixpath.normpath(posixpath.join(guide.folder, target.partition("#")[0]))
        name = names.get(path.removesuffix("/README.md"))
        is_other = name is not None and guides[name] != guide
        return f"{text} (`zoo help {name}`)" if is_other else text

    def picture(match: re.Match[str]) -> str:
        return f"*Picture: {next(filter(None, match.groups()), '')}*"

    parts = CODE.split(COMMENT.sub("", PICTURE.sub(picture, document)))
    prose = slice(0, None, 2)
    parts[prose] = [LINK.sub(words, part) for part in parts[prose]]
    return "".join(parts)
