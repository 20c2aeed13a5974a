"""The output of `zoo ablate`: the effect of each component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.analysis import ablation_rows
from zoo.control_characters import plain

from . import tables
from .escape import styled
from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from zoo.analysis.ablation import Ablation

CSV_COLUMNS = ("name", "without", "n", "accuracy", "worth", "low", "high", "finding")


def ablation_result(ablation: Ablation) -> Result:
    """Return the result of `zoo ablate`: an object, and one row per component."""
    full = ablation.full_accuracy
    components = _components(ablation)
    return Result(
        {
            "name": ablation.entry.name,
            "entry": ablation.entry.name,
            "split": "validation",
            "accuracy": full.mean if full else None,
            "sd": full.sd if full else None,
            "n": full.n if full else 0,
            "without": components,
        },
        rows=components,
        csv_columns=CSV_COLUMNS,
        tables=list(_for_readme(ablation)),
        page=lambda: _page(ablation),
        names=[component["name"] for component in components],
    )


def _components(ablation: Ablation) -> list[dict[str, Any]]:
    return [
        {
            "name": effect.component.label,
            "without": effect.component.label,
            "changes": dict(effect.component.changes),
            "n": effect.difference.n,
            "accuracy": effect.accuracy.mean,
            "worth": effect.difference.mean,
            "low": effect.difference.low,
            "high": effect.difference.high,
            "finding": effect.finding,
        }
        for effect in ablation.effects
    ] + [
        {
            "name": component.label,
            "without": component.label,
            "changes": dict(component.changes),
            "n": 0,
            **dict.fromkeys(("accuracy", "worth", "low", "high", "finding")),
        }
        for component in ablation.unknown
    ]


def _for_readme(ablation: Ablation) -> Iterator[Table]:
    """Yield the table that the cards of the shipped models contain, and a paragraph per caveat."""
    entry = ablation.entry
    columns = (
        *(f"{entry.name} without", "accuracy on validation", "effect, points", "95% interval", ""),
    )
    recipe = f"nothing: the whole recipe, {tables.length_words(entry.train)}"
    full = (recipe, ablation_rows.full_accuracy(ablation), "", "", "")
    yield Table(columns, [full, *ablation_rows.effect_rows(ablation)], right=columns[1:4])
    yield from (Table((), (), notes=[caveat]) for caveat in ablation_rows.caveats(ablation))


def _page(ablation: Ablation) -> Iterator[RenderableType]:
    """Yield the parts of the terminal output."""
    entry = ablation.entry
    recipe = f"{entry.name} {entry.architecture}, {tables.length_words(entry.train)}"
    accuracy = ablation_rows.full_accuracy(ablation)
    yield styled(plain(f"{recipe}: {accuracy} on validation with all components"))
    yield ""
    result = tables.table(*ablation_rows.COLUMNS, right=ablation_rows.COLUMNS[1:4])
    for row in ablation_rows.effect_rows(ablation):
        result.add_row(*(styled(plain(cell)) for cell in row))
    yield result
    yield ""
    yield from (styled(plain(note)) for note in ablation_rows.notes(ablation))
