"""`zoo verify`: check bundles and exported ONNX files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from . import terminal


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Bundles (files or folders) and exported .onnx files."),
    ],
) -> None:
    """Verify bundles and exported ONNX files."""
    from zoo.bundle.verify import verify as verify_bundle
    from zoo.errors import ZooError

    from .output import tables

    code = 0
    for path in files:
        try:
            print(tables.plain(f"{path}: {verify_bundle(path)}"))
        except ZooError as error:  # the other files are still checked
            terminal.print_error(error)
            code = max(code, error.exit_code)
    raise typer.Exit(code)
