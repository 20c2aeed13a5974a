"""HTML pages that commands write beside their result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal

if TYPE_CHECKING:
    from collections.abc import Callable

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE.html", help="Write the result as an HTML page."),
]


def write_page(path: Path | None, page: Callable[..., str], *, command: str) -> None:
    """Write a page, given the function that makes it; None writes nothing.

    Every page ends with the command that recreates it and the versions of the software.
    """
    from zoo.files import write_atomically
    from zoo.training.environment import environment_info

    from .output.tables import plain

    if path is None:
        return
    text = page(command=command, versions=environment_info())
    write_atomically(path, text.encode())
    terminal.say(f"zoo: wrote {plain(str(path))}")
