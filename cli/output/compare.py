"""The output of `zoo compare`: models, settings, classes, curves, libraries and pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table as Grid

from zoo.analysis import comparison_rows as rows
from zoo.analysis.learning_curves import curve
from zoo.control_characters import plain

from .. import terminal
from . import compare_facts, compare_figures
from .escape import joined, styled
from .result import Result, Table

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from zoo.analysis.compare import ModelSummary
    from zoo.analysis.comparison import Comparison
    from zoo.analysis.learning_curves import Curve
    from zoo.analysis.pairwise import Pair

WIDE = 150  # columns of the terminal for the table with one line per model
LISTED_IMAGES = 60  # per pair, by index

Curves = list[tuple["ModelSummary", "Curve | None"]]


@dataclass(frozen=True)
class ShownSections:
    """The optional sections after the table."""

    settings: bool
    per_class: bool
    curves: bool


def comparison_result(comparison: Comparison, sections: ShownSections) -> Result:
    """Return the result of `zoo compare`: one object per model."""
    models = comparison.summaries
    curves = [(model, curve(model)) for model in models] if sections.curves else []
    pairs = [_pair_table(pair, len(comparison.pairs)) for pair in comparison.pairs]
    return Result(
        compare_facts.objects(
            comparison, settings=sections.settings, per_class=sections.per_class, curves=curves
        ),
        csv_columns=compare_facts.CSV_COLUMNS,
        tables=[_models_table(models), *_sections(comparison, sections, curves), *pairs],
        page=lambda: _page(comparison, sections, curves),
        names=[model.name for model in models],
    )


def _page(
    comparison: Comparison, sections: ShownSections, curves: Curves
) -> Iterator[RenderableType]:
    """Yield the parts of the terminal output."""
    console = terminal.console()
    models = comparison.summaries
    if console.width >= WIDE:
        yield from _models_table(models).renderables()
    else:
        yield _narrow(models)
    yield ""
    yield from (styled(plain(note)) for note in rows.notes(comparison))
    for section in _sections(comparison, sections, curves):
        yield from section.renderables()
    if drawn := [learning_curve for _, learning_curve in curves if learning_curve]:
        yield from map(styled, ["", *compare_figures.chart(drawn)])
    for pair in comparison.pairs:
        yield from _pair_table(pair, len(comparison.pairs)).renderables()
        if pair.differences:
            yield compare_figures.images(pair, colour=terminal.has_colour(console))


def _models_table(models: Sequence[ModelSummary]) -> Table:
    cells = [rows.model_row(model).cells for model in models]
    return Table(rows.COLUMNS, cells, right=rows.NUMBERS)


def _narrow(models: Sequence[ModelSummary]) -> Grid:
    """Return the table with three lines per model."""
    result = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in (
        "model\n  network\n  params, size",
        "claim\non",
        "reproduced\n95% interval\nseeds",
        "verdict\ntraining\nµs/image",
        "weights'\naccuracy",
    ):
        result.add_column(name, overflow="fold")
    for row in map(rows.model_row, models):
        result.add_row()
        result.add_row(
            joined(
                styled(plain(row.name), "bold"),
                styled(f"\n  {plain(row.network)}\n  {row.parameters}, {row.size}"),
            ),
            f"{row.claim}\n{row.split}",
            f"{row.reproduced}\n{row.interval}\n{row.seeds}",
            f"{row.verdict}\n{row.training}\n{row.microseconds}",
            row.weights.replace(" ", "\n", 1),
        )
    return result


def _sections(comparison: Comparison, sections: ShownSections, curves: Curves) -> Iterator[Table]:
    """Yield the tables of the requested sections, without the pairs; the last is the curves."""
    models = comparison.summaries
    if sections.settings:
        yield _settings_table(models)
    if sections.per_class:
        evaluated = [model.name for model in models if model.evaluation]
        yield Table(
            ("class", *evaluated),
            rows.class_rows(models) if evaluated else (),
            right=evaluated,
            title="Each class: recall and precision",
            notes=() if evaluated else [rows.NOT_EVALUATED],
        )
    if comparison.baselines:
        yield Table(
            rows.BASELINE_COLUMNS,
            rows.baseline_rows(comparison.baselines),
            right=("training",),
            title="The same recipes in other libraries",
            notes=rows.baseline_notes(comparison.baselines),
        )
    if curves:
        yield _curves_table(curves)


def _settings_table(models: Sequence[ModelSummary]) -> Table:
    """Return each setting that differs: its values, and the models that have each value."""
    cells = []
    for key, *values in rows.setting_rows(models):
        owners: dict[str, list[str]] = {}
        for model, value in zip(models, values, strict=True):
            owners.setdefault(value, []).append(model.name)
        for value, names in owners.items():
            cells.append((key, value, ", ".join(names)))
            key = ""  # noqa: PLW2901 - only the first value has the name of the setting beside it
    return Table(
        ("setting", "value", "models"),
        cells,
        title="Settings that differ",
        notes=() if cells else [rows.SAME_SETTINGS],
    )


def _curves_table(curves: Curves) -> Table:
    """Return the letter, the length and the end of each learning curve."""
    drawn = [(model, learning_curve) for model, learning_curve in curves if learning_curve]
    letters = compare_figures.LETTERS
    cells = [
        (letter, model.name, *rows.curve_words(learning_curve))
        for letter, (model, learning_curve) in zip(letters, drawn, strict=False)
    ]
    notes = []
    if more := drawn[len(letters) :]:
        text = f"{len(more)} more are not drawn; the chart has {len(letters)} letters."
        notes.append(f"{text} --json has all.")
    if without := [model.name for model, learning_curve in curves if not learning_curve]:
        notes.append(f"No local run, so no curve: {', '.join(without)}. Add --train.")
    title = "Learning curves: accuracy over the share of the training"
    return Table(("", "model", "training", "accuracy"), cells, title=title, notes=notes)


def _pair_table(pair: Pair, n_pairs: int) -> Table:
    """Return the test of two models, and the images on which one of them is wrong."""
    lines = rows.pair_lines(pair, n_pairs=n_pairs)
    if pair.differences:
        numbers = [str(difference.index) for difference in pair.differences[:LISTED_IMAGES]]
        more = len(pair.differences) - len(numbers)
        text = ", ".join(numbers) + (f" and {more:,} more (--json has them all)" if more else "")
        lines.append(f"They differ on: {text}")
    return Table((), (), title=f"{pair.first.name} and {pair.second.name}", notes=lines)
