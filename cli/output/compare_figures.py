"""The figures of `zoo compare` in a terminal: learning curves, and the images of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from zoo.control_characters import plain
from zoo.formatting import percent

from ..terminal_images import render_image
from .escape import styled

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Sequence

    from zoo.analysis.learning_curves import Curve
    from zoo.analysis.pairwise import Pair

CHART = (60, 16)  # columns and lines
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # one per model
DRAWN_IMAGES = 6  # per pair


def chart(curves: Sequence[Curve]) -> list[str]:
    """Return the lines of a chart with one letter per curve."""
    columns, rows = CHART
    shown = list(zip(LETTERS, curves, strict=False))
    low = min(point.mean for _, line in shown for point in line.points)
    high = max(point.mean for _, line in shown for point in line.points)
    span = (high - low) or 1
    field = [[" "] * columns for _ in range(rows)]
    for letter, line in reversed(shown):  # the first is drawn last
        end = line.points[-1].number or 1
        for column in range(columns):
            number = column / (columns - 1) * end
            points = [point for point in line.points if point.number <= number]
            if points:
                height = (points[-1].mean - low) / span
                field[rows - 1 - round(height * (rows - 1))][column] = letter
    labels = [f"{percent(high - span * row / (rows - 1), 1):>6}" for row in range(rows)]
    lines = [f"{label} |{''.join(letters)}" for label, letters in zip(labels, field, strict=True)]
    return [*lines, f"{'':6} +{'-' * columns}", f"{'':8}start{'end':>{columns - 5}}"]


def images(pair: Pair, *, colour: bool) -> Table:
    """Return the first images that one of two models misclassifies; with colour, more of them."""
    grid = Table.grid(padding=(0, 3, 1, 0))
    columns = 2 if colour else 1
    first, second = plain(pair.first.name), plain(pair.second.name)
    names = [plain(name) for name in pair.source.names]
    cells = [
        styled(
            f"{pair.split} {pair.source.noun} {difference.index}, "
            f"labelled {names[difference.label]}\n"
            f"{first}: {names[difference.first]}, {second}: {names[difference.second]}\n"
        ).append_text(render_image(difference.image, pair.source, colour=colour))
        for difference in pair.differences[: DRAWN_IMAGES if colour else 2]
    ]
    for start in range(0, len(cells), columns):
        grid.add_row(*cells[start : start + columns])
    return grid
