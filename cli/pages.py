"""HTML pages and figures that commands write beside their result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal
from .output_options import STDOUT

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
    from zoo.training.environment import environment_info

    if path is not None:
        write_file(path, page(command=command, versions=environment_info()))


def write_file(path: Path, text: str) -> None:
    """Write a page or a figure beside the result; - is stdout, which then holds nothing else."""
    from zoo.files import write_output

    from .output.result import write_bytes

    content = text.encode(errors="replace")  # a file name of an old system is not UTF-8
    if path == STDOUT:
        write_bytes(content)
        return
    write_output(path, content)
    terminal.say_written(path)
