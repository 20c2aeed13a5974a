"""`zoo export`: models as verified ONNX files, or as safetensors."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import completion, options, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.export.options import ExportOptions
    from zoo.export.write import ExportedFile
    from zoo.training.model import Model


def export(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or .safetensors. [default: all shipped models]",
            autocompletion=completion.models,
        ),
    ] = None,
    *,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Write NAME.onnx, and NAME.json describing it.")
    ] = False,
    safetensors: Annotated[
        bool, typer.Option("--safetensors", help="Write only the weights, NAME.safetensors.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Output folder.")
    ] = Path(),
    opset: Annotated[
        int | None,
        typer.Option(help="Opset, 13 to 21. [default: 17; 21 with --int8]"),
    ] = None,
    input_form: Annotated[
        Literal["image", "pixels"],
        typer.Option("--input", help="Input: uint8 images or float32 rows."),
    ] = "image",
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...",
            help="Outputs: probabilities, logits, label. [default: the first two]",
        ),
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Quantize the weights to 8 bits.")] = False,
    runs: options.RunsOption = options.RUNS,
    as_json: options.JsonOption = False,
) -> None:
    """Export models as ONNX, verified in every runtime."""
    from zoo.errors import ConfigError, ZooError
    from zoo.export.write import write_onnx, write_safetensors
    from zoo.parallel.threads import one_thread

    from .output.export import export_facts, export_lines

    if not onnx and not safetensors:
        raise ConfigError(
            "Expected --onnx or --safetensors.",
            hint="Add --onnx for ONNX files, or --safetensors for the weights.",
        )
    if not onnx and (opset or output or int8 or input_form != "image"):
        raise ConfigError(
            "--opset, --input, --output and --int8 apply to ONNX files only.",
            hint="Add --onnx.",
        )
    export_options = _form(opset, input_form, output or [], int8=int8)
    written: dict[str, list[ExportedFile]] = {}  # by the model's name
    code = 0
    with one_thread():
        for load in _models(models or [], runs):
            try:
                model = load()
                if model.name in written:
                    raise ConfigError(
                        f"Two models have the name {model.name!r}; only the first was written."
                    )
                files = [write_onnx(model, out, export_options)] if onnx else []
                files += [write_safetensors(model, out)] if safetensors else []
            except ZooError as error:  # the other models are still written
                terminal.print_error(error)
                code = max(code, error.exit_code)
                continue
            written[model.name] = files
            if not as_json:
                print("\n".join(export_lines(file.path, file.facts) for file in files))
    if as_json:
        facts = [
            export_facts(file.path, file.facts) for files in written.values() for file in files
        ]
        print(json.dumps(facts, indent=2))
    raise typer.Exit(code)


def _form(opset: int | None, input_form: str, outputs: list[str], *, int8: bool) -> ExportOptions:
    from zoo.export.options import ExportOptions

    names = [name.strip() for text in outputs for name in text.split(",") if name.strip()]
    return ExportOptions.checked(opset=opset, input_form=input_form, outputs=names, int8=int8)


def _models(names: list[str], runs: Path) -> Sequence[Callable[[], Model]]:
    """Return a function for each model to export, which loads it."""
    from zoo.config.catalog import read_catalog
    from zoo.errors import ConfigError
    from zoo.inference import load
    from zoo.training import model

    if names:
        return [partial(load.find_model, name, runs=runs) for name in names]
    catalog = read_catalog()
    terminal.warn(catalog.problems)
    entries = [listed.entry for listed in catalog.entries.values() if listed.entry.weights]
    if not entries:
        raise ConfigError(
            "No entry has weights.",
            hint="Train a run with `zoo train digits-10`, then `zoo export RUN --onnx`.",
        )
    return [partial(model.load_shipped, entry) for entry in entries]
