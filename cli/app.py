"""The program: its commands, and what becomes of an error."""

import sys

import typer

from zoo.errors import ZooError

from . import data

app = typer.Typer()
app.add_typer(data.app, name="data")


@app.callback()
def zoo() -> None:
    """Train small neural networks written from scratch on NumPy."""


def main() -> None:
    """Run the program; a user's mistake becomes a sentence, a hint and an exit code."""
    try:
        app()
    except ZooError as error:
        typer.echo(f"zoo: {error}", err=True)
        if error.hint:
            typer.echo(error.hint, err=True)
        sys.exit(error.exit_code)
