"""`zoo verify`: check bundles and exported ONNX files."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .output.result import Result


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="Bundles (files or folders) and exported .onnx files.",
            readable=False,  # typer would not check the other files
        ),
    ],
) -> None:
    """Verify bundles and exported ONNX files."""
    from zoo.bundle.verify import verify as verify_bundle
    from zoo.errors import ZooError

    from .output.result import write_each
    from .output.verify import file_result

    code = 0

    def results() -> Iterator[Result]:
        nonlocal code
        for path in files:
            try:
                yield file_result(path, report=verify_bundle(path))
            except ZooError as error:  # the other files are still checked
                terminal.print_error(error)
                code = max(code, error.exit_code)
                yield file_result(path, problem=str(error))

    write_each(results())
    raise typer.Exit(code)
