"""The output of `zoo evaluate`: tables, mistakes and JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group

from zoo.formatting import percent, verdict_words

from .. import terminal
from . import tables
from .image_grid import captioned
from .result import Result, Table

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Mapping, Sequence

    from zoo.analysis.evaluate import EvaluationReport, Mistake
    from zoo.nn.metrics import ClassScore

PIPE_WIDTH = 80  # columns for images without a terminal


def evaluation_result(
    report: EvaluationReport, changes: Mapping[str, object], shown: Sequence[Mistake] | None
) -> Result:
    """Return the result of `zoo evaluate`, with mistakes if requested; a class has a row."""
    data = facts(report, changes, shown)
    shared = {"name": report.name, "split": report.split}
    lines = _lines(report, changes)
    classes, confusion = _classes(report), _confusion(report)
    return Result(
        data,
        rows=[shared | scores for scores in data["per_class"]],
        tables=[
            Table(("fact", "value"), lines),
            classes,
            confusion,
            *([] if shown is None else [_mistakes(report, shown)]),
        ],
        page=lambda: [
            tables.facts(*lines),
            *classes.renderables(),
            *confusion.renderables(),
            *([] if shown is None else [_drawn(report, shown)]),
        ],
        names=[report.name],
    )


def _lines(report: EvaluationReport, changes: Mapping[str, object]) -> list[tuple[str, str]]:
    evaluation, facts, claim = report.evaluation, report.facts, report.claim
    lines = [("model", report.name)]
    if facts:
        lines[0] = (
            "model",
            f"{report.name}, {facts.entry.architecture}, weights {facts.fingerprint}",
        )
    if changes:
        lines.append(("changed", tables.changes_words(changes, claim)))
    reason = f" ({report.reason})" if report.reason else ""
    lines += [
        ("data", report.data),
        ("split", f"{report.split}, {evaluation.n:,} {report.source.noun}s{reason}"),
        ("accuracy", accuracy_words(report)),
    ]
    if claim:
        verdict = (
            verdict_words(report.verdict)
            if report.verdict
            else f"evaluate it with `--split {claim.split}`"
        )
        lines.append(("claim", f"{percent(claim.value)} on {claim.split}: {verdict}"))
    return [
        *lines,
        ("loss", f"{evaluation.loss:.4f}"),
        (
            "ECE",
            f"{percent(evaluation.calibration_error, 2)}, the expected calibration error",
        ),
    ]


def accuracy_words(report: EvaluationReport) -> str:
    """Return text such as "95.28% (92.56% to 97.04%, 95% interval), as recorded"."""
    evaluation = report.evaluation
    low, high = percent(evaluation.low, 2), percent(evaluation.high, 2)
    text = f"{percent(evaluation.accuracy, 2)} ({low} to {high}, 95% interval)"
    if report.is_as_recorded:
        return f"{text}, as recorded"
    if report.recorded:
        return f"{text}; recorded: {percent(report.recorded.accuracy, 2)}, differs"
    return text


def _classes(report: EvaluationReport) -> Table:
    columns = report.class_columns
    title = f"Each {report.source.label_noun}"
    return Table(columns, report.class_rows(), right=columns[1:], title=title)


def _confusion(report: EvaluationReport) -> Table:
    names = report.source.names
    rows = [
        (name, *(f"{count:,}" if count else "·" for count in row))
        for name, row in zip(names, report.evaluation.confusion.tolist(), strict=True)
    ]
    title = "Confusion: rows are labels, columns are predictions"
    return Table(("", *names), rows, right=names, title=title)


def _mistakes(report: EvaluationReport, shown: Sequence[Mistake]) -> Table:
    """Return the mistakes without their images."""
    cells = [(report.describe_mistake(mistake), report.example(mistake)) for mistake in shown]
    return Table(("mistake", report.source.noun), cells, title=_mistakes_title(report, shown))


def _mistakes_title(report: EvaluationReport, shown: Sequence[Mistake]) -> str:
    wrong = len(report.evaluation.mistakes)
    return f"The worst {len(shown):,} of {wrong:,} mistakes" if shown else "No mistakes"


def _drawn(report: EvaluationReport, shown: Sequence[Mistake]) -> Group:
    """Return the images of the mistakes for this terminal."""
    console = terminal.console()
    width = console.width if console.is_terminal else min(console.width, PIPE_WIDTH)
    return mistakes(report, shown, colour=terminal.has_colour(console), width=width)


def mistakes(
    report: EvaluationReport, shown: Sequence[Mistake], *, colour: bool, width: int
) -> Group:
    """Return images with their predictions, as many side by side as the width allows."""
    images = [
        (mistake.image, (report.describe_mistake(mistake), report.example(mistake)))
        for mistake in shown
    ]
    grid = captioned(images, report.source, colour=colour, width=width)
    return Group(tables.heading(_mistakes_title(report, shown)), grid)


def _class_facts(score: ClassScore, label: int | str) -> dict[str, Any]:
    return {
        "label": label,
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
        "n": score.n,
        "answered": score.predicted,
    }


def facts(
    report: EvaluationReport, changes: Mapping[str, object], shown: Sequence[Mistake] | None
) -> dict[str, Any]:
    """Return the object of `zoo evaluate --json`, with mistakes if requested."""
    evaluation, claim = report.evaluation, report.claim
    result: dict[str, Any] = {
        "name": report.name,
        "model": report.name,
        "split": report.split,
        "n": evaluation.n,
        "accuracy": evaluation.accuracy,
        "low": evaluation.low,
        "high": evaluation.high,
        "loss": evaluation.loss,
        "calibration_error": evaluation.calibration_error,
        "classes": report.source.names,
        "per_class": [
            _class_facts(score, report.source.label_of(score.label))
            for score in evaluation.per_class
        ],
        "confusion": evaluation.confusion.tolist(),
        "changes": changes,
        "claim": claim and {"value": claim.value, "split": claim.split, "verdict": report.verdict},
        "recorded": report.recorded
        and asdict(report.recorded) | {"differs": not report.is_as_recorded},
        "data": {
            "kind": report.source.name,
            "source": report.data,
            "digest": report.digest,
            "trained_on": report.facts and report.is_its_data,
        },
        "fingerprint": report.facts and report.facts.fingerprint,
    }
    if shown is None:
        return result
    return result | {
        "mistakes": [
            {
                "example": report.example(score),
                "index": score.index,
                "label": report.source.label_of(score.label),
                "answer": report.source.label_of(score.answer),
                "probability": score.probability,
                "probabilities": score.probabilities.tolist(),
            }
            for score in shown
        ]
    }
