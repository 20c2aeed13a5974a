"""The output of `zoo train` and `zoo resume`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding

from zoo.formatting import percent, rate

from . import tables

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Sequence

    from zoo.analysis.statistics import Summary
    from zoo.config.entry import Entry, TrainConfig
    from zoo.training.recorder import TrainingResult
    from zoo.training.run import MetricsRow


def row_line(row: MetricsRow, train: TrainConfig, *, held_out: str | None) -> str:
    """Return the line of an epoch or iteration; all lines have the same width."""
    length = train.length
    line = (
        f"{train.unit} {row.number:>{len(str(length))}}/{length}  rate {rate(row.rate)}"
        f"  loss {row.train_loss:.4f}  training {100 * row.train_accuracy:5.2f}%"
    )
    if held_out and row.held_out_accuracy is not None:
        line += f"  {held_out} {100 * row.held_out_accuracy:5.2f}%"
    return line


def outcome_lines(entry: Entry, result: TrainingResult) -> str:
    """Return the summary of a training."""
    lines = []
    if result.changes:
        lines.append(f"changed  {tables.changes_words(result.changes, entry.claim)}")
    if entry.claim:
        lines.append(f"README   {percent(entry.claim.value)} on {entry.claim.split}")
    n = result.scores[result.split].n
    verdict = f": {result.verdict}" if result.verdict else ""
    lines.append(
        f"result   {percent(result.accuracy)} on {result.split}, "
        f"{n:,} {entry.data.source.noun}s{verdict}"
    )
    others = [
        f"{percent(score.accuracy)} on {name}"
        for name, score in result.scores.items()
        if name != result.split
    ]
    if others:
        lines.append(f"also     {', '.join(others)}")
    lines.append(f"data     {tables.plain(result.source)}")
    lines.append(f"weights  {result.fingerprint} after {result.seconds:.2f} s")
    lines.append(f"run      {result.run.path}")
    path = shlex.quote(str(result.run.path))
    lines.append(f"next     zoo evaluate {path} · zoo predict {path} {entry.data.source.example}")
    lines.append(f"         zoo resume {path} --epochs {2 * entry.train.length}")
    return "\n".join(lines)


def seed_line(entry: Entry, result: TrainingResult) -> str:
    """Return the line of one of several seeds."""
    return (
        f"{entry.name} seed {entry.train.seed}: {percent(result.accuracy)} on {result.split}, "
        f"weights {result.fingerprint}, {result.seconds:.2f} s, {result.run.path}"
    )


def seeds_lines(entry: Entry, summary: Summary, split: str) -> str:
    """Return the summary of several seeds."""
    lines = [f"{entry.name}: {tables.seeds_words(summary)} on {split}"]
    if entry.claim:
        verdict = entry.claim.verdict(summary.mean)
        lines.append(
            f"README: {tables.claim_words(entry.claim)}, tolerance "
            f"{percent(entry.claim.tolerance)}: {verdict}"
        )
    return "\n".join(lines)


def plan_page(entry: Entry, *, seeds: Sequence[int], needed: int) -> Group:
    """Return the output of `zoo train --dry-run`."""
    rows = entry.data.train_rows
    batch = entry.train.batch or rows
    plan = tables.table("plan", "")
    plan.add_row("seeds", ", ".join(map(str, seeds)))
    plan.add_row("examples", f"{rows:,} of {entry.data.source.title}")
    plan.add_row(
        "batch", f"{batch:,}" if entry.train.batch else f"{batch:,}, the full training split"
    )
    plan.add_row("steps", f"{entry.train.steps(rows):,} ({tables.length_words(entry.train)})")
    plan.add_row("memory", f"about {needed / 1e6:,.0f} MB")
    parts = [
        tables.heading(entry.name),
        Padding(tables.layers_table(entry), (0, 0, 0, 2)),
        tables.heading("Recipe"),
    ]
    return Group(
        *parts, Padding(tables.recipe_table(entry), (0, 0, 0, 2)), plan, "Nothing was trained."
    )
