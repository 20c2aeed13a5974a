"""`zoo demo`: an HTML page for drawing, which shows how networks classify the drawing."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion, options, terminal
from .output_options import is_stdout

if TYPE_CHECKING:
    from zoo.training.model import Model

MISSING_MNIST = (
    "MNIST is not on this machine, so the page shows scikit-learn's digits; "
    "run `zoo data fetch mnist` to download it."
)


def demo(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or .safetensors. [default: all under 1 MB]",
            autocompletion=completion.models,
        ),
    ] = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.html", help="Output file; - is stdout.")
    ] = Path("demo.html"),
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(help="Where the test images are. [default: ZOO_DATA, cache]"),
    ] = None,
    dry_run: options.DryRunOption = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Write a demo page: draw, or fill in a row."""
    from zoo.data.locations import locations_from_environment
    from zoo.demo.page import demo as demo_page
    from zoo.errors import ConfigError
    from zoo.files import write_output
    from zoo.inference import load
    from zoo.parallel.threads import one_thread

    from .output.demo import page_result
    from .output.result import write, write_bytes

    to_stdout = is_stdout(out, dry_run=dry_run)
    if to_stdout and open_browser:
        raise ConfigError("--open needs a file.", hint="Name it with -o FILE.html.")
    inputs = [name for model_name in names or [] for name in (model_name, str(runs / model_name))]
    options.check_not_an_input(out, inputs)
    with one_thread():
        models = [
            load.find_model(model_name, runs=runs) for model_name in names or []
        ] or _models_that_fit()
        model_runs = {
            model.name: run
            for model, model_name in zip(models, names or [], strict=False)
            if (run := load.find_run_or_none(model_name, runs=runs))
        }
        locations = locations_from_environment(data, offline=True)
        text, facts = demo_page(models, locations, runs=model_runs, named=bool(names))
    missing = [
        f"The page has no test images of {name}: {reason}" for name, reason in facts.missing.items()
    ]
    terminal.warn([*([MISSING_MNIST] if facts.lacks_mnist else []), *missing])
    content = text.encode()
    if to_stdout:
        write_bytes(content)
        return
    if not dry_run:
        write_output(out, content)
    write(page_result(out, len(content), [model.name for model in models], is_plan=dry_run))
    if open_browser and not dry_run:
        webbrowser.open(out.resolve().as_uri())


def _models_that_fit() -> list[Model]:
    """Return the models of all entries that fit into one page."""
    from zoo.config.catalog import read_catalog
    from zoo.demo.weights import models_that_fit
    from zoo.errors import ConfigError
    from zoo.training import model

    catalog = read_catalog()
    terminal.warn(catalog.problems)
    entries = models_that_fit(listed.entry for listed in catalog.entries.values())
    if not entries:
        raise ConfigError(
            "No entry has weights that fit the page.",
            hint="Train a run with `zoo train digits-10`, then `zoo demo RUN`.",
        )
    return [model.load_shipped(entry) for entry in entries]
