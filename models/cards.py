"""The model cards of the shipped weights: `python -m zoo.models.cards [NAME ...]`.

A card is written from the weights, results.csv and the tables beside it; nothing is trained.
"""

from pathlib import Path
from typing import Annotated

import typer

from zoo.config.entry import Entry
from zoo.config.results import results_of
from zoo.files import write_atomically
from zoo.report.model_card import card, tables_of
from zoo.training import model

from .built_in import built_in

FOLDER = Path(__file__).parent


def write_card(entry: Entry) -> Path:
    """Write the card of an entry beside its weights; return the path."""
    path = FOLDER / f"{entry.name}.md"
    write_atomically(path, card_text(entry).encode())
    return path


def card_text(entry: Entry) -> str:
    """Return the card of an entry with shipped weights."""
    facts = model.load_shipped(entry).facts
    rows = results_of([entry]).results[entry.name]
    return card(entry, facts, rows, tables_of(entry.name, FOLDER))


def make(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of entries. [default: all]")
    ] = None,
) -> None:
    """Write the cards of built-in entries from their weights and results."""
    entries = built_in()
    for name in names or entries:
        typer.echo(write_card(entries[name].entry))


if __name__ == "__main__":
    typer.run(make)
