"""The command `zoo`: its commands assembled, every failure turned into a sentence and a code."""

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

import zoo
from zoo.errors import ZooError

from . import data, listing, resume, runs, show, train

app = typer.Typer(
    name="zoo",
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
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± shows ?
    try:
        app()
    except ZooError as error:
        print(f"zoo: {error}", file=sys.stderr)
        if error.hint:
            print(f"     {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
