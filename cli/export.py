"""`zoo export`: models as ONNX, verified before they are written, or as bare weights."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import completion, options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.export.options import ExportOptions
    from zoo.export.write import ExportedFile
    from zoo.training.model import Model


def export(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or .safetensors; without any, every entry that brings weights.",
            autocompletion=completion.models,
        ),
    ] = None,
    *,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Write NAME.onnx, and NAME.json with what it is.")
    ] = False,
    safetensors: Annotated[
        bool, typer.Option("--safetensors", help="Write NAME.safetensors, the bare weights.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path(),
    opset: Annotated[
        int | None,
        typer.Option(help="13 to 21; without it 17, or 21 with --int8."),
    ] = None,
    input_: Annotated[
        Literal["image", "pixels"],
        typer.Option("--input", help="uint8 pictures or float32 rows."),
    ] = "image",
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...",
            help="Of probabilities, logits and label; without it the first two.",
        ),
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Keep the weights in a byte each.")] = False,
    runs: options.RunsOption = options.RUNS,
    json_: options.JsonOption = False,
) -> None:
    """Write models as files for elsewhere; an ONNX file only if every runtime here agrees."""
    from zoo.errors import ConfigError, ZooError
    from zoo.export.write import write_onnx, write_safetensors
    from zoo.parallel.threads import one_thread

    from .output.export import export_facts, export_lines

    if not onnx and not safetensors:
        raise ConfigError(
            "What shall be written?", hint="--onnx writes ONNX files, --safetensors bare weights."
        )
    if not onnx and (opset or output or int8 or input_ != "image"):
        raise ConfigError(
            "--opset, --input, --output and --int8 say how an ONNX file is to be.",
            hint="With them goes --onnx.",
        )
    form = _form(opset, input_, output or [], int8=int8)
    written: dict[str, list[ExportedFile]] = {}  # by the model's name
    code = 0
    with one_thread():
        for read in _models(words or [], runs):
            try:
                model = read()
                if model.name in written:
                    raise ConfigError(f"Two models are named {model.name!r}; one was written.")
                made = [write_onnx(model, out, form)] if onnx else []
                made += [write_safetensors(model, out)] if safetensors else []
            except ZooError as error:  # the others are written all the same
                options.print_error(error)
                code = max(code, error.exit_code)
                continue
            written[model.name] = made
            if not json_:
                print("\n".join(export_lines(one.path, one.facts) for one in made))
    if json_:
        facts = [export_facts(one.path, one.facts) for made in written.values() for one in made]
        print(json.dumps(facts, indent=2))
    raise typer.Exit(code)


def _form(opset: int | None, input_: str, outputs: list[str], *, int8: bool) -> ExportOptions:
    from zoo.export.options import ExportOptions

    names = [name.strip() for text in outputs for name in text.split(",") if name.strip()]
    return ExportOptions.checked(opset=opset, input_=input_, outputs=names, int8=int8)


def _models(words: list[str], runs: Path) -> Sequence[Callable[[], Model]]:
    """Return what reads each model to export."""
    from zoo.config.catalog import read_catalog
    from zoo.errors import ConfigError
    from zoo.inference import load
    from zoo.training import model

    if words:
        return [partial(load.find_model, word, runs=runs) for word in words]
    catalog = read_catalog()
    options.warn(catalog.problems)
    entries = [listed.entry for listed in catalog.entries.values() if listed.entry.weights]
    if not entries:
        raise ConfigError(
            "No entry here brings weights.",
            hint="`zoo train digits-10` makes a run; `zoo export RUN --onnx` exports it.",
        )
    return [partial(model.load_shipped, entry) for entry in entries]
