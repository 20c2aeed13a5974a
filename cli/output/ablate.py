"""The output of `zoo ablate`: tables, Markdown, JSON and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from zoo.analysis.ablation import caveats, percentage_points

from . import tables

if TYPE_CHECKING:
    from zoo.analysis.ablation import Ablation


def page(ablation: Ablation) -> list[Any]:
    """Return the parts of the terminal output."""
    columns = ("without", "accuracy", "effect", "95% interval")
    result = tables.table(*columns, "", right=columns[1:])
    for effect in ablation.effects:
        result.add_row(
            tables.plain(effect.component.label),
            tables.summary_words(effect.accuracy),
            percentage_points(effect.difference.mean),
            interval(effect.difference.low, effect.difference.high),
            effect.finding or "",
        )
    for component in ablation.unknown:
        result.add_row(tables.plain(component.label), "-", "-", "-", "failed")
    full = tables.summary_words(ablation.full_accuracy)
    entry = ablation.entry
    name = f"{entry.name} {entry.architecture}, {tables.length_words(entry.train)}"
    return [
        f"{name}: {full} on validation with all components",
        "",
        result,
        "",
        "effect: accuracy with all components minus accuracy without this one, in points;",
        "unclear: the interval contains 0.",
        *caveats(ablation),
    ]


def interval(low: float | None, high: float | None) -> str:
    """Return an interval in percentage points."""
    return (
        "-"
        if low is None or high is None
        else f"{percentage_points(low)} to {percentage_points(high)}"
    )


def objects(ablation: Ablation) -> dict[str, Any]:
    """Return the object of `zoo ablate --json`."""
    full = ablation.full_accuracy
    return {
        "entry": ablation.entry.name,
        "split": "validation",
        "accuracy": full.mean if full else None,
        "sd": full.sd if full else None,
        "n": full.n if full else 0,
        "without": _rows(ablation),
    }


def _rows(ablation: Ablation) -> list[dict[str, Any]]:
    return [
        {
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
            "without": component.label,
            "changes": dict(component.changes),
            "n": 0,
            **dict.fromkeys(("accuracy", "worth", "low", "high", "finding")),
        }
        for component in ablation.unknown
    ]


def as_csv(ablation: Ablation) -> str:
    """Return CSV with one row per component."""
    names = ("without", "n", "accuracy", "worth", "low", "high", "finding")
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(_rows(ablation))
    return text.getvalue()


def as_markdown(ablation: Ablation) -> str:
    """Return the table for a README."""
    columns = ("accuracy on validation", "effect, points", "95% interval")
    full = f"*nothing: the whole recipe, {tables.length_words(ablation.entry.train)}*"
    lines = [
        f"| {ablation.entry.name} without | {' | '.join(columns)} | |",
        "|---|---:|---:|---:|---|",
        f"| {full} | {tables.summary_words(ablation.full_accuracy)} | | | |",
    ]
    for effect in ablation.effects:
        cells = (
            effect.component.label,
            tables.summary_words(effect.accuracy),
            percentage_points(effect.difference.mean),
            interval(effect.difference.low, effect.difference.high),
            effect.finding or "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += [f"| {component.label} | - | - | - | failed |" for component in ablation.unknown]
    lines += [f"\n{caveat}" for caveat in caveats(ablation)]
    return "\n".join(lines) + "\n"
