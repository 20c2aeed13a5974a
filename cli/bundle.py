"""`zoo bundle`: models as one file that runs on plain Python, or as a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import completion, options, terminal
from .output_options import is_stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.training.model import Model


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
        typer.Option("--out", "-o", metavar="FILE", help="File; - is stdout. [default: MODEL.pyz]"),
    ] = None,
    kind: Annotated[
        Literal["pyz", "folder"],
        typer.Option(help="Write one file, or a folder including ONNX."),
    ] = "pyz",
    dry_run: options.DryRunOption = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Pack models into one file for plain Python 3.9+."""
    from zoo.bundle.unread_formats import unread_formats
    from zoo.errors import ConfigError
    from zoo.files import check_new, check_not_a_folder
    from zoo.inference import load
    from zoo.system.names import is_path

    from .output import bundle as output
    from .output.result import write, write_bytes

    to_stdout = is_stdout(out, dry_run=dry_run)
    if to_stdout and kind == "folder":
        raise ConfigError("A folder cannot be written to stdout.", hint="Add -o FOLDER.")
    models = [load.find_model(name, runs=runs) for name in names]
    if out is None and len(models) > 1:
        raise ConfigError("A bundle of several models needs a file name.", hint="Add -o FILE.")
    terminal.warn(unread_formats(models))
    default = Path(f"{models[0].name}.pyz" if kind == "pyz" else models[0].name)
    if to_stdout:
        write_bytes(_content(models, default))
        return
    path = out or default
    # a bare name is that of an entry or run, even if a file in this folder has the same name
    options.check_not_an_input(path, (name for name in names if is_path(name) or "." in name))
    if not dry_run:
        _write(models, path, kind)
    else:
        (check_not_a_folder if kind == "pyz" else check_new)(path)
    write(output.bundle_result(path, kind, [model.name for model in models], is_plan=dry_run))


def _write(models: Sequence[Model], path: Path, kind: str) -> None:
    """Write the bundle after its verification, and say what was verified."""
    from zoo.bundle.folder import write_folder
    from zoo.bundle.pyz import write_pyz
    from zoo.parallel.threads import one_thread

    with one_thread():
        report = (write_pyz if kind == "pyz" else write_folder)(models, path)
    terminal.say("zoo: verified without installed packages or settings:")
    for line in report.splitlines():
        terminal.say(f"     {line}", indent=" " * 7)


def _content(models: Sequence[Model], name: Path) -> bytes:
    """Return the verified bytes of a bundle."""
    from zoo.files import temporary_folder

    with temporary_folder() as home:
        path = home / name
        _write(models, path, "pyz")
        return path.read_bytes()
