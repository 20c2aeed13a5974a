"""`zoo bundle`: models as one file that runs wherever there is Python, or as a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from . import completion, options


def bundle(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Entries, runs or .safetensors; the first answers if no other is asked for.",
            autocompletion=completion.models,
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write; else MODEL.pyz."),
    ] = None,
    kind: Annotated[
        Literal["pyz", "folder"],
        typer.Option(help="One file, or a folder with the model as ONNX beside it."),
    ] = "pyz",
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Pack models into one file that needs nothing but Python 3.9 or newer."""
    from zoo.bundle.folder import write_folder
    from zoo.bundle.pyz import write_pyz
    from zoo.errors import ConfigError
    from zoo.inference import load
    from zoo.parallel.threads import one_thread

    from .output import tables

    models = [load.find_model(word, runs=runs) for word in words]
    if out is None and len(models) > 1:
        raise ConfigError("A bundle of several models needs a name.", hint="-o FILE gives it one.")
    path = out or Path(f"{models[0].name}.pyz" if kind == "pyz" else models[0].name)
    # a name alone is an entry's or a run's, whatever else is called so in this folder
    options.check_not_an_input(path, (word for word in words if os.sep in word or "." in word))
    with one_thread():
        said = (write_pyz if kind == "pyz" else write_folder)(models, path)
    print(tables.plain(str(path)))
    print(f"zoo: tried without packages and settings:\n{_indented(said)}", end="", file=sys.stderr)


def _indented(text: str) -> str:
    return "".join(f"     {line}\n" for line in text.splitlines())
