"""The command `zoo`: its commands assembled, every failure turned into a sentence and a code."""

import logging
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, TextIO

import typer

import zoo
from zoo.errors import Stopped, ZooError, told
from zoo.plugins import culprit

from . import (
    ablate,
    check,
    compare,
    data,
    evaluate,
    export,
    foreign,
    init,
    listing,
    options,
    plugins,
    predict,
    resume,
    runs,
    schema,
    show,
    train,
    tune,
)

app = typer.Typer(
    name="zoo",
    cls=foreign.Commands,
    help="Small neural networks from scratch on NumPy, each with its README's claim.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(listing.list_entries)
app.command("show")(show.show)
app.command("train")(train.train)
app.command("resume")(resume.resume)
app.command("predict")(predict.predict)
app.command("export")(export.export)
app.command("compare", cls=compare.Comparing)(compare.compare)
app.command("ablate")(ablate.ablate)
app.command("tune")(tune.tune)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("schema")(schema.schema)
app.command("evaluate")(evaluate.evaluate)
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")
app.add_typer(plugins.app, name="plugins")


def names() -> set[str | None]:
    """Return the names of zoo's own commands."""
    groups = {one.name for one in app.registered_groups}
    return groups | {one.name for one in app.registered_commands}


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        print(f"zoo {zoo.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Small neural networks from scratch on NumPy, each with its README's claim."""


def main() -> None:
    """Run the command line."""
    # None is what Python has for a stream that was closed before it began
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± shows ?
    logging.basicConfig(format="zoo: warning: %(message)s")
    signal.signal(signal.SIGTERM, _leave)  # so that what was begun is cleared away
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except ZooError as error:
        options.complain(error)
        sys.exit(error.exit_code)
    except Exception as error:
        if found := culprit(error):
            who, place = found
            hint = f"{place}; `zoo plugins check {who.name}` tries all that it brings."
            options.complain(ZooError(f"{who} failed: {told(error)}.", hint=hint))
        elif isinstance(error, OSError) and error.filename is None:
            sys.stdout = _nowhere()
            options.complain(ZooError(f"The output could not be written: {error.strerror}."))
        else:  # a file that nobody expected to fail, or something else: a bug of ours
            raise
        sys.exit(1)


def _leave(number: int, _frame: object) -> None:
    raise Stopped(128 + number)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
