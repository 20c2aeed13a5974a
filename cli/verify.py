"""`zoo verify`: whether what zoo made is whole and still right."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer asks for it
from typing import Annotated

import typer

from . import options


def verify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Bundles, as files or folders, and .onnx of zoo's."),
    ],
) -> None:
    """See that bundles and exports have not a byte changed and answer as they did."""
    from zoo.bundle.verify import verify as verified
    from zoo.errors import ZooError

    from .output import tables

    code = 0
    for path in files:
        try:
            print(tables.plain(f"{path}: {verified(path)}"))
        except ZooError as error:  # the others are looked at all the same
            options.print_error(error)
            code = max(code, error.exit_code)
    raise typer.Exit(code)
