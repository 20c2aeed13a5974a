"""The terminal: its width and colours, tables on stdout, warnings and errors on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType

    from zoo.errors import ZooError

PIPE_WIDTH = 200  # in a pipe every row has one line, for grep


def console() -> Console:
    """Return the console for tables, which is as wide as the terminal."""
    from rich.console import Console

    fits_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if fits_terminal else PIPE_WIDTH
    no_color = bool(os.environ.get("NO_COLOR"))  # with no_color, Rich still writes bold and dim
    return Console(
        width=width, color_system=None if no_color else "auto", highlight=False, soft_wrap=False
    )


def rendered(*parts: RenderableType) -> str:
    """Return tables and texts as the console prints them, without trailing spaces."""
    from rich.console import Group

    output = console()
    with output.capture() as captured:
        output.print(Group(*parts))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def show(*parts: RenderableType) -> None:
    """Print tables and texts."""
    print(rendered(*parts), end="")


def has_colour(output: Console) -> bool:
    """Whether the console shows colours."""
    return output.is_terminal and output.color_system is not None and not output.no_color


def warn(messages: Iterable[str]) -> None:
    """Print warnings to stderr."""
    from .output.tables import plain

    for message in messages:
        print(f"zoo: warning: {plain(message)}", file=sys.stderr)


def print_error(error: ZooError) -> None:
    """Print an error and its hint to stderr."""
    from zoo.errors import ISSUE_BREAK

    from .output.tables import plain

    # each of several problems has a line; any other line break is part of a file name
    lines = ISSUE_BREAK.join(map(plain, str(error).split(ISSUE_BREAK)))
    print(f"zoo: {lines}", file=sys.stderr)
    if error.hint:
        print(f"     {plain(error.hint)}", file=sys.stderr)
