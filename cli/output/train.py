"""The output of `zoo train` and `zoo resume`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from zoo.analysis.statistics import summarize
from zoo.formatting import duration, percent, rate, verdict_words

from . import tables
from .result import Result, Table

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Sequence

    from rich.console import RenderableType

    from zoo.config.entry import Entry, TrainConfig
    from zoo.training.recorder import TrainingResult
    from zoo.training.run import MetricsRow, Run

    Outcome = tuple[Entry, TrainingResult]


def row_line(row: MetricsRow, train: TrainConfig, *, held_out: str | None) -> str:
    """Return the line of an epoch or iteration; all lines have the same width."""
    length = train.length
    line = (
        f"{train.unit} {row.number:>{len(str(length))}}/{length}  rate {rate(row.rate)}"
        f"  loss {row.train_loss:.4f}  training {percent(row.train_accuracy, 2):>6}"
    )
    if held_out and row.held_out_accuracy is not None:
        line += f"  {held_out} {percent(row.held_out_accuracy, 2):>6}"
    return line


def outcome_facts(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the object of the last outcome, with the summary of all seeds up to it."""
    entry, result = outcomes[-1]
    summary = summarize([outcome.accuracy for _, outcome in outcomes])
    test = result.scores.get("test")
    return {
        "entry": entry.name,
        "seed": entry.train.seed,
        "claim": entry.claim and entry.claim.value,
        "split": result.split,
        "accuracy": result.accuracy,
        "test_accuracy": test and test.accuracy,
        "verdict": result.verdict,
        "changes": result.changes,
        "seconds": result.seconds,
        "fingerprint": result.fingerprint,
        "run": str(result.run.path),
        "seeds": summary and {"mean": summary.mean, "sd": summary.sd, "n": summary.n},
    }


def outcomes_result(outcomes: Sequence[Outcome]) -> Result:
    """Return the result of `zoo train`: one object per seed."""
    facts = [
        {"name": result.run.name} | outcome_facts(outcomes[: number + 1])
        for number, (_, result) in enumerate(outcomes)
    ]
    rows = [
        (
            result.run.name,
            str(entry.train.seed),
            f"{percent(result.accuracy)} {result.split}",
            verdict_words(result.verdict) if result.verdict else "",
            result.fingerprint,
            duration(result.seconds),
        )
        for entry, result in outcomes
    ]
    columns = ("run", "seed", "accuracy", "verdict", "weights", "time")
    table = Table(columns, rows, right=("seed", "time"))
    return Result(facts, tables=[table], page=lambda: [_outcome(*outcomes[-1])])


def _outcome(entry: Entry, result: TrainingResult) -> RenderableType:
    """Return the summary of a training."""
    n = result.scores[result.split].n
    verdict = f": {verdict_words(result.verdict)}" if result.verdict else ""
    examples = f"{n:,} {entry.data.source.noun}s"
    others = ", ".join(
        f"{percent(score.accuracy)} on {name}"
        for name, score in result.scores.items()
        if name != result.split
    )
    path = shlex.quote(str(result.run.path))
    longer = f"--{entry.train.unit}s {2 * entry.train.length}"
    changes = tables.changes_words(result.changes, entry.claim) if result.changes else ""
    return tables.facts(
        ("changed", changes),
        ("README", f"{percent(entry.claim.value)} on {entry.claim.split}" if entry.claim else ""),
        ("result", f"{percent(result.accuracy)} on {result.split}, {examples}{verdict}"),
        ("also", others),
        ("data", result.source),
        ("weights", f"{result.fingerprint} after {duration(result.seconds)}"),
        ("run", str(result.run.path)),
        ("next", f"zoo evaluate {path}"),
        ("", f"zoo predict {path} {entry.data.source.example}"),
        ("", f"zoo resume {path} {longer}"),
    )


def seed_parts(outcomes: Sequence[Outcome], *, last: bool) -> list[RenderableType]:
    """Return the line of one of several seeds, and after the last the summary of all."""
    entry, result = outcomes[-1]
    parts: list[RenderableType] = [
        Text(
            f"{entry.name} seed {entry.train.seed}: {percent(result.accuracy)} on {result.split}, "
            f"weights {result.fingerprint}, {duration(result.seconds)}, {result.run.path}"
        )
    ]
    summary = summarize([outcome.accuracy for _, outcome in outcomes])
    if last and summary:
        parts.append(f"{entry.name}: {tables.seeds_words(summary)} on {result.split}")
        if claim := entry.claim:
            parts.append(
                f"README: {tables.claim_words(claim)}, tolerance {percent(claim.tolerance)}: "
                f"{verdict_words(claim.verdict(summary.mean))}"
            )
    return parts


def plan_result(entry: Entry, *, seeds: Sequence[int], needed: int) -> Result:
    """Return the result of `zoo train --dry-run`."""
    rows = entry.data.train_rows
    batch = entry.train.batch or rows
    steps = entry.train.steps(rows)
    facts = {
        "name": entry.name,
        "seeds": list(seeds),
        "examples": rows,
        "batch": batch,
        "steps": steps,
        "bytes": needed,
        "entry": entry.model_dump(mode="json"),
    }
    cells = [
        ("seeds", ", ".join(map(str, seeds))),
        ("examples", f"{rows:,} of {entry.data.source.title}"),
        ("batch", f"{batch:,}" if entry.train.batch else f"{batch:,}, the full training split"),
        ("steps", f"{steps:,} ({tables.length_words(entry.train)})"),
        ("memory", f"about {needed / 1e6:,.0f} MB"),
    ]
    table = Table(("plan", ""), cells, notes=["Nothing was trained."])
    return Result(
        facts,
        tables=[table],
        page=lambda: [
            tables.heading(entry.name),
            Padding(tables.layers_table(entry), (0, 0, 0, 2)),
            tables.heading("Recipe"),
            Padding(tables.recipe_table(entry), (0, 0, 0, 2)),
            *table.renderables(),
        ],
    )


def resume_plan(run: Run, length: int | None) -> Result:
    """Return the result of `zoo resume --dry-run`."""
    train = run.entry.train
    facts = {"name": run.name, "unit": train.unit, "length": length or train.length}
    text = f"{run.name} would continue to {facts['length']:,} {train.unit}s."
    return Result(facts, lines=[text, "Nothing was trained."])
