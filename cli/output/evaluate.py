"""The output of `zoo evaluate`: tables, mistakes and JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo.formatting import percent, verdict_words

from ..terminal_images import render_image
from . import tables

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Mapping, Sequence

    from zoo.analysis.evaluate import EvaluationReport, Mistake
    from zoo.nn.metrics import ClassScore

GAP = 3  # columns between two images


def page(report: EvaluationReport, changes: Mapping[str, object]) -> Group:
    """Return the metrics, the scores of each class, and the confusion matrix."""
    lines = Table.grid(padding=(0, 2, 0, 0))
    for name, text in _lines(report, changes):
        lines.add_row(name, Text(tables.plain(text), overflow="fold"))
    return Group(
        lines,
        tables.heading(f"Each {report.source.label_noun}"),
        _indent(_classes(report)),
        tables.heading("Confusion: rows are labels, columns are predictions"),
        _indent(_confusion(report)),
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
        lines.append(("README", f"{percent(claim.value)} on {claim.split}: {verdict}"))
    return [
        *lines,
        ("loss", f"{evaluation.loss:.4f}"),
        (
            "ECE",
            f"{evaluation.calibration_error:.2%}, the expected calibration error",
        ),
    ]


def accuracy_words(report: EvaluationReport) -> str:
    """Return text such as "95.28% (92.56% to 97.04%, 95% interval), as recorded"."""
    evaluation = report.evaluation
    text = (
        f"{evaluation.accuracy:.2%} ({evaluation.low:.2%} to {evaluation.high:.2%}, 95% interval)"
    )
    if report.is_as_recorded:
        return f"{text}, as recorded"
    if report.recorded:
        return f"{text}; recorded: {report.recorded.accuracy:.2%}, differs"
    return text


def _indent(table: Table) -> Padding:
    return Padding(table, (0, 0, 0, 2))


def _classes(report: EvaluationReport) -> Table:
    evaluation, source = report.evaluation, report.source
    names = (source.label_noun, f"{source.noun}s", "precision", "recall", "F1")
    result = tables.table(*names, right=names[1:])
    for score in evaluation.per_class:
        result.add_row(
            tables.plain(source.names[score.label]),
            f"{score.n:,}",
            f"{score.precision:.1%}" if score.predicted else "-",
            f"{score.recall:.1%}" if score.n else "-",
            f"{score.f1:.1%}" if score.n + score.predicted else "-",
        )
    return result


def _confusion(report: EvaluationReport) -> Table:
    names = [tables.plain(name) for name in report.source.names]
    result = tables.table("", *names, right=names)
    for column in result.columns[1:]:
        column.min_width = 4
    for label, row in enumerate(report.evaluation.confusion.tolist()):
        cells = [f"{count:,}" if count else "·" for count in row]
        cells[label] = f"[bold]{cells[label]}[/bold]"
        result.add_row(f"[bold]{names[label]}[/bold]", *cells)
    return result


def mistakes(
    report: EvaluationReport, shown: Sequence[Mistake], *, colour: bool, width: int
) -> Group:
    """Return images with their predictions, as many side by side as the width allows."""
    cells = []
    for mistake in shown:
        image = render_image(mistake.image, report.source, colour=colour)
        description = tables.plain(report.describe_mistake(mistake))
        cells.append(Text(f"{description}\n{report.place(mistake)}\n").append_text(image))
    cell_width = max((line.cell_len for cell in cells for line in cell.split()), default=1)
    columns = max(1, (width + GAP) // (cell_width + GAP))
    grid = Table.grid(padding=(0, GAP, 0, 0))
    for _ in range(columns):
        grid.add_column(width=cell_width, no_wrap=True)
    for start in range(0, len(cells), columns):
        if start:
            grid.add_row()
        grid.add_row(*cells[start : start + columns])
    wrong = len(report.evaluation.mistakes)
    heading = f"The worst {len(shown):,} of {wrong:,} mistakes" if shown else "No mistakes"
    return Group(tables.heading(heading), grid)


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
                "index": score.index,
                "label": report.source.label_of(score.label),
                "answer": report.source.label_of(score.answer),
                "probability": score.probability,
                "probabilities": score.probabilities.tolist(),
            }
            for score in shown
        ]
    }
