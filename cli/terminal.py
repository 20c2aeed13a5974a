"""The terminal: its width and colours, tables on stdout, warnings and errors on stderr."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from zoo.errors import ConfigError, ZooError
from zoo.system.console import shows_escape_codes

from .output_options import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import Console, RenderableType

PIPE_WIDTH = 200  # in a pipe every row has one line, for grep
MIN_WIDTH = 20  # in one column Rich shows nothing
MAX_WIDTH = 1000  # rows are padded to the width, which COLUMNS may set to a thousand million
MAX_MESSAGE = 2000  # characters of one line on stderr; a file may have a key of a megabyte
LABEL = re.compile(r" {,8}(?:\S+ {2,8}(?! ))?")  # left of a text: "next     zoo check"


def console(*, stderr: bool = False) -> Console:
    """Return the console for tables, which is as wide as the terminal."""
    from rich.console import Console
    from rich.theme import Theme

    color = settings.get().color
    fits_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ or stderr
    # with no_color, Rich still writes bold and dim
    no_color = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
    # tables are printed as text, so that Rich cannot colour them by functions of Windows
    is_plain = no_color or (color != "always" and not shows_escape_codes())
    result = Console(
        stderr=stderr,
        width=None if fits_terminal else PIPE_WIDTH,
        color_system=None if is_plain else "auto",
        # on stderr it would show progress bars in a pipe
        force_terminal=True if color == "always" and not stderr else None,
        legacy_windows=False if color == "always" else None,
        highlight=False,
        soft_wrap=False,
        theme=Theme({"markdown.code": "cyan"}),  # Rich's is on black, also in a light terminal
        markup=False,
        emoji=False,
    )
    width = result.width or shutil.get_terminal_size().columns  # COLUMNS=0 is that of no terminal
    result.width = max(MIN_WIDTH, min(width, MAX_WIDTH))
    return result


def rendered(*parts: RenderableType) -> str:
    """Return tables and texts as the console prints them, without trailing spaces."""
    from rich.console import Group

    output = console()
    with output.capture() as captured:
        output.print(Group(*parts), crop=False)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def show(*parts: RenderableType) -> None:
    """Print tables and texts."""
    print(rendered(*parts), end="")


def wrapped(lines: Iterable[str]) -> str:
    """Return lines of text; in a terminal they wrap at words, and are then indented."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        lines = (_filled(line, " " * (LABEL.match(line).end() or 2)) for line in lines)  # type: ignore[union-attr]
    return "".join(f"{line}\n" for line in lines)


def has_colour(output: Console) -> bool:
    """Whether the console shows images in colours, of half blocks, which need Unicode."""
    is_coloured = output.is_terminal and output.color_system is not None and not output.no_color
    return is_coloured and output.encoding.startswith("utf")


def message(text: str) -> str:
    """Return a line for stderr: escaped, and cut if it is very long."""
    from zoo.control_characters import plain

    return plain(text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}...")


def say(text: str, *, indent: str = "     ") -> None:
    """Print a line to stderr, wrapped at words in a terminal."""
    print(for_stderr(text, indent=indent), file=sys.stderr, flush=True)


def for_stderr(text: str, *, indent: str = "     ") -> str:
    """Return a line for stderr: escaped, and wrapped at words in a terminal."""
    text = message(text)
    if sys.stderr.isatty() or "COLUMNS" in os.environ:
        text = _filled(text, indent)
    return text


def _filled(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        shutil.get_terminal_size().columns,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def say_written(path: Path) -> None:
    """Print to stderr that a file was written."""
    say(f"zoo: wrote {path}")


def warn(messages: Iterable[str]) -> None:
    """Print warnings to stderr."""
    for message in messages:
        say(f"zoo: warning: {message}")


def print_error(error: ZooError) -> None:
    """Print an error and its hint to stderr; with --verbose its traceback too."""
    import traceback

    from zoo.control_characters import plain_lines
    from zoo.errors import ISSUE_BREAK

    if settings.get().verbose:
        lines = "".join(traceback.format_tb(error.__traceback__))  # with code of a plugin
        print(plain_lines(lines), end="", file=sys.stderr)
    # each of several problems has a line; any other line break is part of a file name
    first, *others = str(error).split(ISSUE_BREAK)
    say(f"zoo: {first}")
    for line in others:
        say(f"  {line}")
    if error.hint:
        say(f"     {error.hint}")


def can_ask() -> bool:
    """Whether a person can answer a question; stderr, which asks it, may be a file."""
    return sys.stdin is not None and sys.stdin.isatty()  # None: it was closed


def check_can_ask(what: str) -> None:
    """Raise if no terminal can confirm that these things are deleted."""
    if not can_ask():
        raise ConfigError(
            f"{what} would be deleted; expected --yes without a terminal.", hint="Add --yes."
        )


def confirm_deletion(what: str) -> None:
    """Ask whether these things are deleted; raise if the answer is not yes."""
    if not ask(f"Delete {what}?"):
        raise ZooError("Nothing was deleted.")


def ask(question: str) -> bool:
    """Whether the answer to a question is yes."""
    print(message(f"{question} [y/N] "), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
