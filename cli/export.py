"""`zoo export`: models as verified ONNX files, or as safetensors."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import completion, options, terminal
from .output_options import is_stdout

SUFFIXES = (".onnx", ".json", ".safetensors")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zoo.export.options import ExportOptions
    from zoo.export.write import ExportedFile
    from zoo.training.model import Model

    from .output.result import Result

    Loader = Callable[[], Model]
    Writer = Callable[[Model, Path], ExportedFile]


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
        Path, typer.Option("--out", "-o", metavar="DIR", help="Output folder; - is stdout.")
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
            help="Outputs: probabilities, logits, label, class. [default: the first two]",
        ),
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Quantize the weights to 8 bits.")] = False,
    dry_run: options.DryRunOption = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Export models as ONNX, verified in every runtime."""
    from zoo.errors import ConfigError
    from zoo.export.write import write_onnx, write_safetensors
    from zoo.parallel.threads import one_thread
    from zoo.system.commands import quote

    from .output.result import write_bytes, write_each

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
    if out.suffix in SUFFIXES:
        raise ConfigError(
            f"-o names the folder of the files, and {out} is the name of a file.",
            hint="Leave it out for the current folder."
            if out.parent == Path()
            else f"Give the folder: `-o {quote(str(out.parent))}`.",
        )
    export_options = _form(opset, input_form, output or [], int8=int8)
    writers: list[Writer] = [partial(write_onnx, options=export_options)] if onnx else []
    writers += [write_safetensors] if safetensors else []
    loaders = _models(models or [], runs)
    to_stdout = is_stdout(out, dry_run=dry_run)
    codes = [0]
    with one_thread():
        if dry_run:
            suffixes = [".onnx", ".json"] * onnx + [".safetensors"] * safetensors
            write_each(_planned(loaders, out, suffixes, codes))
        elif to_stdout:
            write_bytes(_content(loaders, writers))
        else:
            write_each(_written(loaders, out, writers, codes))
    raise typer.Exit(max(codes))


def _written(
    loaders: Sequence[Loader], folder: Path, writers: Sequence[Writer], codes: list[int]
) -> Iterator[Result]:
    """Write the files of each model; yield the result of each file."""
    from .output.export import file_result

    runtimes: set[str] = set()
    for model in _loaded(loaders, codes):
        with _reported(codes):
            for number, write in enumerate(writers):
                file = write(model, folder)
                runtimes |= file.runtimes
                yield file_result(file, names=[model.name][number:])
    if runtimes == {"onnx.reference"}:
        terminal.say(
            "zoo: verified by onnx.reference; `pip install onnxruntime` adds a second runtime."
        )


def _planned(
    loaders: Sequence[Loader], folder: Path, suffixes: Sequence[str], codes: list[int]
) -> Iterator[Result]:
    """Yield the result of each file that would be written."""
    from zoo.export.write import check_record

    from .output.export import plan_result

    for model in _loaded(loaders, codes):
        with _reported(codes):
            for number, suffix in enumerate(suffixes):
                path = folder / f"{model.name}{suffix}"
                if suffix == ".json":
                    check_record(path)
                yield plan_result(model.name, path, names=[model.name][number:])


def _content(loaders: Sequence[Loader], writers: Sequence[Writer]) -> bytes:
    """Return the verified bytes of the only file."""
    from zoo.errors import ConfigError
    from zoo.files import temporary_folder

    if len(loaders) * len(writers) != 1:
        raise ConfigError(
            f"-o - writes one file to stdout; expected one model in one format, "
            f"got {len(loaders)} in {len(writers)}.",
            hint="Name one model, and --onnx or --safetensors.",
        )
    with temporary_folder() as home:
        return writers[0](loaders[0](), home).path.read_bytes()


def _loaded(loaders: Sequence[Loader], codes: list[int]) -> Iterator[Model]:
    """Yield the models; report those that cannot be loaded, and names that come twice."""
    from zoo.errors import ConfigError

    names: set[str] = set()
    for load in loaders:
        with _reported(codes):
            model = load()
            if model.name in names:
                raise ConfigError(
                    f"Two models have the name {model.name!r}; only the first was written."
                )
            names.add(model.name)
            yield model


@contextmanager
def _reported(codes: list[int]) -> Iterator[None]:
    """Report an error and keep its exit code; the other models are still written."""
    from zoo.errors import ZooError

    try:
        yield
    except ZooError as error:
        terminal.print_error(error)
        codes.append(error.exit_code)


def _form(opset: int | None, input_form: str, outputs: list[str], *, int8: bool) -> ExportOptions:
    from zoo.export.options import ExportOptions

    names = [name.strip() for text in outputs for name in text.split(",") if name.strip()]
    return ExportOptions.checked(opset=opset, input_form=input_form, outputs=names, int8=int8)


def _models(names: list[str], runs: Path) -> Sequence[Loader]:
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
