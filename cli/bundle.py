"""`zoo bundle`: models as one file that runs on plain Python, or as a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from . import completion, options


def bundle(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or .safetensors; the first is default.",
            autocompletion=completion.models,
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Output file. [default: MODEL.pyz]"),
    ] = None,
    kind: Annotated[
        Literal["pyz", "folder"],
        typer.Option(help="Write one file, or a folder including ONNX."),
    ] = "pyz",
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Pack models into one file for plain Python 3.9+."""
    from zoo.bundle.folder import write_folder
    from zoo.bundle.pyz import write_pyz
    from zoo.errors import ConfigError
    from zoo.inference import load
    from zoo.parallel.threads import one_thread

    from .output import tables

    models = [load.find_model(name, runs=runs) for name in names]
    if out is None and len(models) > 1:
        raise ConfigError("A bundle of several models needs a file name.", hint="Add -o FILE.")
    path = out or Path(f"{models[0].name}.pyz" if kind == "pyz" else models[0].name)
    # a bare name is that of an entry or run, even if a file in this folder has the same name
    options.check_not_an_input(path, (name for name in names if os.sep in name or "." in name))
    with one_thread():
        report = (write_pyz if kind == "pyz" else write_folder)(models, path)
    print(tables.plain(str(path)))
    print(
        f"zoo: verified without installed packages or settings:\n{_indented(report)}",
        end="",
        file=sys.stderr,
    )


def _indented(text: str) -> str:
    return "".join(f"     {line}\n" for line in text.splitlines())
