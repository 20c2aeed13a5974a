"""What is shown of an ablation: a table for eyes, for a README, and objects for scripts."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from zoo.analysis.ablation import caveats, percentage_points

from . import tables

if TYPE_CHECKING:
    from zoo.analysis.ablation import Ablation


def page(found: Ablation) -> list[Any]:
    """Return what is shown in the terminal."""
    columns = ("without", "accuracy", "worth", "95% interval")
    made = tables.table(*columns, "", right=columns[1:])
    for one in found.effects:
        made.add_row(
            tables.plain(one.component.label),
            tables.summary_words(one.accuracy),
            percentage_points(one.difference.mean),
            interval(one.difference.low, one.difference.high),
            one.finding or "",
        )
    for ingredient in found.unknown:
        made.add_row(tables.plain(ingredient.label), "-", "-", "-", "failed")
    whole = tables.summary_words(found.whole)
    name = (
        f"{found.entry.name} {found.entry.architecture}, {tables.length_words(found.entry.train)}"
    )
    return [
        f"{name}: {whole} on validation with all of these",
        "",
        made,
        "",
        "worth: with all minus without, seed by seed, in points; unclear: 0 is possible.",
        *caveats(found),
    ]


def interval(low: float | None, high: float | None) -> str:
    """Return an interval in points."""
    return (
        "-"
        if low is None or high is None
        else f"{percentage_points(low)} to {percentage_points(high)}"
    )


def objects(found: Ablation) -> dict[str, Any]:
    """Return the object of `zoo ablate --json`."""
    whole = found.whole
    return {
        "entry": found.entry.name,
        "split": "validation",
        "accuracy": whole.mean if whole else None,
        "sd": whole.sd if whole else None,
        "n": whole.n if whole else 0,
        "without": _rows(found),
    }


def _rows(found: Ablation) -> list[dict[str, Any]]:
    return [
        {
            "without": one.component.label,
            "changes": dict(one.component.changes),
            "n": one.difference.n,
            "accuracy": one.accuracy.mean,
            "worth": one.difference.mean,
            "low": one.difference.low,
            "high": one.difference.high,
            "finding": one.finding,
        }
        for one in found.effects
    ] + [
        {
            "without": ingredient.label,
            "changes": dict(ingredient.changes),
            "n": 0,
            **dict.fromkeys(("accuracy", "worth", "low", "high", "finding")),
        }
        for ingredient in found.unknown
    ]


def as_csv(found: Ablation) -> str:
    """Return a row for each ingredient."""
    names = ("without", "n", "accuracy", "worth", "low", "high", "finding")
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(_rows(found))
    return text.getvalue()


def as_markdown(found: Ablation) -> str:
    """Return the table for a README."""
    columns = ("accuracy on validation", "worth, points", "95 % interval")
    whole = f"*nothing: the whole recipe, {tables.length_words(found.entry.train)}*"
    lines = [
        f"| {found.entry.name} without | {' | '.join(columns)} | |",
        "|---|---:|---:|---:|---|",
        f"| {whole} | {tables.summary_words(found.whole)} | | | |",
    ]
    for one in found.effects:
        cells = (
            one.component.label,
            tables.summary_words(one.accuracy),
            percentage_points(one.difference.mean),
            interval(one.difference.low, one.difference.high),
            one.finding or "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += [f"| {ingredient.label} | - | - | - | failed |" for ingredient in found.unknown]
    lines += [f"\n{caveat}" for caveat in caveats(found)]
    return "\n".join(lines) + "\n"
