"""The output of `zoo train` and `zoo resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.analysis.statistics import summarize
from zoo.formatting import count, duration, percent, rate, size, verdict_words
from zoo.system.commands import quote

from . import tables
from .entry_tables import layers_table, recipe_table
from .escape import styled
from .result import Result, Table

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from zoo.analysis.statistics import Summary
    from zoo.config.entry import Entry, TrainConfig
    from zoo.training.recorder import TrainingResult
    from zoo.training.run import MetricsRow

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


def outcome_facts(outcome: Outcome, seeds: Sequence[Outcome]) -> dict[str, Any]:
    """Return the object of an outcome, with the summary of these seeds."""
    entry, result = outcome
    summary = _summary(seeds)
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


def _summary(outcomes: Sequence[Outcome]) -> Summary | None:
    return summarize([result.accuracy for _, result in outcomes])


def outcomes_result(outcomes: Sequence[Outcome]) -> Result:
    """Return the result of `zoo train`: one object per seed, each with the summary of all."""
    facts = [
        {"name": outcome[1].run.name} | outcome_facts(outcome, outcomes) for outcome in outcomes
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
    notes = [": ".join(line) for line in _seeds_lines(outcomes)] if len(outcomes) > 1 else ()
    table = Table(columns, rows, right=("seed", "time"), notes=notes)
    return Result(facts, tables=[table], page=lambda: _page(outcomes))


def _page(outcomes: Sequence[Outcome]) -> list[RenderableType]:
    """Return the summary of one training, or a line per seed and the summary of all."""
    if len(outcomes) == 1:
        return [_outcome(*outcomes[0])]
    return [*(seed_line(*outcome) for outcome in outcomes), seeds_summary(outcomes)]


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
    path = quote(str(result.run.path))
    longer = f"zoo resume {path} --{entry.train.unit}s {2 * entry.train.length}"
    return tables.facts(
        *_recipe_lines(entry, result),
        ("result", f"{percent(result.accuracy)} on {result.split}, {examples}{verdict}"),
        ("also", others),
        ("data", result.source),
        ("weights", f"{result.fingerprint} after {duration(result.seconds)}"),
        ("run", str(result.run.path)),
        ("next", f"zoo evaluate {path}"),
        ("", f"zoo predict {path} {tables.example(entry)}"),
        # a rate that has fallen to 0 at the end of the schedule would have to rise again
        *([] if entry.train.schedule_depends_on_length else [("", longer)]),
    )


def _recipe_lines(entry: Entry, result: TrainingResult) -> Iterator[tuple[str, str]]:
    """Yield the changes to the recipe and the claim, if there are such."""
    if result.changes:
        yield "changed", tables.changes_words(result.changes, entry.claim)
    if entry.claim:
        yield "claim", f"{percent(entry.claim.value)} on {entry.claim.split}"


def seed_line(entry: Entry, result: TrainingResult) -> RenderableType:
    """Return the line of one of several seeds."""
    return styled(
        f"{entry.name} seed {entry.train.seed}: {percent(result.accuracy)} on {result.split}, "
        f"weights {result.fingerprint}, {duration(result.seconds)}, {result.run.path}"
    )


def seeds_summary(outcomes: Sequence[Outcome]) -> RenderableType:
    """Return the summary of all seeds."""
    return tables.facts(*_seeds_lines(outcomes))


def _seeds_lines(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    """Yield the lines of the summary of all seeds, each with its label."""
    entry, result = outcomes[-1]
    yield from _recipe_lines(entry, result)
    if summary := _summary(outcomes):
        claim = entry.claim
        verdict = f": {verdict_words(claim.verdict(summary.mean))}" if claim else ""
        yield "result", f"{tables.seeds_words(summary)} on {result.split}{verdict}"


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
        ("memory", f"about {size(needed)}"),
    ]
    plan = Table(
        ("fact", "value"), cells, title=f"Plan of {entry.name}", notes=["Nothing was trained."]
    )
    return Result(facts, tables=[layers_table(entry), recipe_table(entry), plan])


def resume_plan(name: str, entry: Entry, *, has_data: bool) -> Result:
    """Return the result of `zoo resume --dry-run`, given the entry with the length to reach."""
    train = entry.train
    lines = [f"{name} would continue to {count(train.length, train.unit)}."]
    if not has_data:
        title = entry.data.source.title
        lines.append(f"{title} is not on this machine; it would be fetched first.")
    facts = {"name": name, "unit": train.unit, "length": train.length}
    return Result(facts, lines=[*lines, "Nothing was trained."])
