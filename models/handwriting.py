"""`python -m zoo.models.handwriting [MODEL ...]` asks models about digits that nobody trained on.

They are those of zoo.models.synthetic_digits; `--sheet FILE.png` draws some of them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from zoo.models.synthetic_digits import CONDITIONS, HANDS, TIMES, draw, read

from zoo.config.catalog import read_catalog
from zoo.config.entry_paths import natural_sort_key
from zoo.data.images import png
from zoo.files import write_atomically
from zoo.training import model
from zoo.training.run import Run


def show(
    names: Annotated[
        list[str] | None, typer.Argument(help="Entries or run folders; all entries, if none.")
    ] = None,
    *,
    sheet: Annotated[Path | None, typer.Option(help="Draw some of the pictures.")] = None,
) -> None:
    """Print what share of drawn digits models read right, each way of drawing for itself."""
    entries = read_catalog().entries
    models = [
        model.load_shipped(entries[name].entry)
        if name in entries
        else model.load_run(Run(Path(name)))
        for name in names or sorted(entries, key=natural_sort_key)
    ]
    if sheet:
        write_atomically(sheet, _sheet())
    columns = [read(models, ways) for ways in CONDITIONS.values()]
    count = TIMES * sum(map(len, HANDS.values()))
    typer.echo(f"Right of {count:,} drawn digits each way, %.\n")
    typer.echo(f"| | {' | '.join(one.name for one in models)} |")
    typer.echo(f"|---|{'---:|' * len(models)}")
    for name, found in zip(CONDITIONS, columns, strict=True):
        _row(name, found)
    _row("**all**", list(np.mean(columns, axis=0)))


def _row(name: str, shares: Sequence[float]) -> None:
    typer.echo(f"| {name} | {' | '.join(f'{100 * share:.1f}' for share in shares)} |")


def _sheet() -> bytes:
    rng = np.random.default_rng(0)
    cells = [
        (255 - draw(hand, ways, rng)[::4, ::4], name if number == 0 and not place else "")
        for name, ways in CONDITIONS.items()
        for number, hands in HANDS.items()
        for place, hand in enumerate(hands)
    ]
    return png.sheet(cells, highest=255, across=sum(map(len, HANDS.values())))


if __name__ == "__main__":
    typer.run(show)
