"""`zoo export`: models as ONNX, verified before they are written, or as bare weights."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

if TYPE_CHECKING:
    from zoo.export.form import Form
    from zoo.model import Model


def export(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or .safetensors; without any, every entry that brings weights.",
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
        typer.Option(help="13 to 21.", show_default="17, with --int8 21"),
    ] = None,
    input_: Annotated[
        str, typer.Option("--input", metavar="image|pixels", help="uint8 images or float32 rows.")
    ] = "image",
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,...",
            help="Of probabilities, logits, label.",
            show_default="probabilities,logits",
        ),
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Keep the weights in a byte each.")] = False,
    runs: options.RunsOption = options.RUNS,
    json_: options.JsonOption = False,
) -> None:
    """Write models as files for elsewhere; an ONNX file only if every runtime here agrees."""
    from zoo.errors import ConfigError
    from zoo.export.write import write_onnx, write_safetensors
    from zoo.train import one_thread

    from . import render

    if not onnx and not safetensors:
        raise ConfigError(
            "What shall be written?", hint="--onnx writes ONNX files, --safetensors bare weights."
        )
    form = _form(opset, input_, output or [], int8=int8)
    with one_thread():
        written = []
        for model in _models(words or [], runs):
            if onnx:
                written.append(write_onnx(model, out, form))
            if safetensors:
                written.append(write_safetensors(model, out))
            if not json_:
                for one in written[-(onnx + safetensors) :]:
                    print(render.export_lines(one.path, one.facts))
    if json_:
        print(json.dumps([render.export_facts(one.path, one.facts) for one in written], indent=2))


def _form(opset: int | None, input_: str, outputs: list[str], *, int8: bool) -> Form:
    from zoo.export.form import Form

    names = [name.strip() for text in outputs for name in text.split(",") if name.strip()]
    return Form.wished(opset=opset, input_=input_, outputs=names, int8=int8)


def _models(words: list[str], runs: Path) -> list[Model]:
    """Return the models to export, all of them read and none with the name of another."""
    from zoo import answers, model
    from zoo.catalog import read_catalog
    from zoo.errors import ConfigError

    if words:
        found = [answers.find_model(word, runs=runs) for word in words]
    else:
        catalog = read_catalog()
        options.warn(catalog.faults)
        listed = catalog.entries.values()
        found = [model.shipped(one.entry) for one in listed if one.entry.weights]
    if not found:
        raise ConfigError(
            "No entry here brings weights.",
            hint="`zoo train digits-10` makes a run; `zoo export RUN --onnx` exports it.",
        )
    name, count = Counter(one.name for one in found).most_common(1)[0]
    if count > 1:
        raise ConfigError(f"{count} models are named {name!r}, and would be written to one file.")
    return found
