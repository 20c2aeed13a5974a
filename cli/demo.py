"""`zoo demo`: one page on which digits are drawn, and networks are watched."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion, options

if TYPE_CHECKING:
    from zoo.training.model import Model

LACKING = (
    "MNIST is not on this machine, and the test digits of the page are scikit-learn's; "
    "`zoo data fetch mnist` brings it."
)


def demo(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            help="Entries, runs or .safetensors; without any, all that fit into a megabyte.",
            autocompletion=completion.models,
        ),
    ] = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE.html", help="Where to write.")
    ] = Path("demo.html"),
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(help="A folder with MNIST. Without it: ZOO_DATA, cache; nothing is fetched."),
    ] = None,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Write a page on which one draws a digit and watches what networks make of it."""
    from zoo.data.locations import locations_from_environment
    from zoo.demo.page import demo as page
    from zoo.files import write_atomically
    from zoo.inference import load
    from zoo.parallel.threads import one_thread

    from .output import tables

    read = [name for word in words or [] for name in (word, str(runs / word))]
    options.check_not_an_input(out, read)
    with one_thread():
        models = [load.find_model(word, runs=runs) for word in words or []] or _fitting()
        known = {
            model.name: run
            for model, word in zip(models, words or [], strict=False)
            if (run := load.find_run(word, runs=runs))
        }
        places = locations_from_environment(data, offline=True)
        text, found = page(models, places, runs=known, named=bool(words))
    options.warn([LACKING] if found.lacks_mnist else [])
    content = text.encode()
    write_atomically(out, content)
    names = ", ".join(model.name for model in models)
    print(tables.plain(f"{out}: {len(content):,} bytes, {names}"))
    if open_:
        webbrowser.open(out.resolve().as_uri())


def _fitting() -> list[Model]:
    """Return the models of all entries that fit into a page together."""
    from zoo.config.catalog import read_catalog
    from zoo.demo.weights import models_that_fit
    from zoo.errors import ConfigError
    from zoo.training import model

    catalog = read_catalog()
    options.warn(catalog.problems)
    entries = models_that_fit(listed.entry for listed in catalog.entries.values())
    if not entries:
        raise ConfigError(
            "No entry here brings weights that the page can show.",
            hint="`zoo train digits-10` makes a run; `zoo demo RUN` shows it.",
        )
    return [model.load_shipped(entry) for entry in entries]
