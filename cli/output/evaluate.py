"""What is shown of an evaluation: tables, pictures and the object for scripts; nothing prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo.formatting import percent

from ..terminal_images import render_image
from . import tables

if TYPE_CHECKING:  # they bring NumPy along
    from collections.abc import Mapping, Sequence

    from zoo.analysis.evaluate import EvaluationReport, Mistake

GAP = 3  # columns between two pictures


def page(judged: EvaluationReport, changes: Mapping[str, object]) -> Group:
    """Return what `zoo evaluate` says in numbers."""
    lines = Table.grid(padding=(0, 2, 0, 0))
    for name, words in _lines(judged, changes):
        lines.add_row(name, Text(tables.plain(words), overflow="fold"))
    return Group(
        lines,
        tables.heading(f"Each {judged.source.label_noun}"),
        _indent(_classes(judged)),
        tables.heading("Confusion: a row is the truth, a column the answer"),
        _indent(_confusion(judged)),
    )


def _lines(judged: EvaluationReport, changes: Mapping[str, object]) -> list[tuple[str, str]]:
    found, facts, claim = judged.evaluation, judged.facts, judged.claim
    lines = [("model", judged.name)]
    if facts:
        lines[0] = (
            "model",
            f"{judged.name}, {facts.entry.architecture}, weights {facts.fingerprint}",
        )
    if changes:
        lines.append(("changed", tables.changes_words(changes, claim)))
    why = f" ({judged.reason})" if judged.reason else ""
    lines += [
        ("data", judged.data),
        ("split", f"{judged.split}, {found.n:,} {judged.source.noun}s{why}"),
        ("accuracy", accuracy_words(judged)),
    ]
    if claim:
        verdict = judged.verdict or f"`--split {claim.split}` judges it"
        lines.append(("README", f"{percent(claim.value)} on {claim.split}: {verdict}"))
    return [
        *lines,
        ("loss", f"{found.loss:.4f}"),
        (
            "sureness",
            f"off by {found.calibration_error:.2%} on average (expected calibration error)",
        ),
    ]


def accuracy_words(judged: EvaluationReport) -> str:
    """Return such as "95.28% (92.56% to 97.04%, 95% interval), as recorded"."""
    found = judged.evaluation
    words = f"{found.accuracy:.2%} ({found.low:.2%} to {found.high:.2%}, 95% interval)"
    if judged.is_as_recorded:
        return f"{words}, as recorded"
    if judged.recorded:
        return f"{words}; recorded: {judged.recorded.accuracy:.2%}, differs"
    return words


def _indent(made: Table) -> Padding:
    return Padding(made, (0, 0, 0, 2))


def _classes(judged: EvaluationReport) -> Table:
    found, source = judged.evaluation, judged.source
    names = (source.label_noun, f"{source.noun}s", "precision", "recall", "F1")
    made = tables.table(*names, right=names[1:])
    for one in found.per_class:
        made.add_row(
            tables.plain(source.names[one.label]),
            f"{one.n:,}",
            f"{one.precision:.1%}" if one.answered else "-",
            f"{one.recall:.1%}" if one.n else "-",
            f"{one.f1:.1%}" if one.n + one.answered else "-",
        )
    return made


def _confusion(judged: EvaluationReport) -> Table:
    names = [tables.plain(name) for name in judged.source.names]
    made = tables.table("", *names, right=names)
    for column in made.columns[1:]:
        column.min_width = 4
    for label, row in enumerate(judged.evaluation.confusion.tolist()):
        cells = [f"{count:,}" if count else "·" for count in row]
        cells[label] = f"[bold]{cells[label]}[/bold]"
        made.add_row(f"[bold]{names[label]}[/bold]", *cells)
    return made


def mistakes(
    judged: EvaluationReport, shown: Sequence[Mistake], *, colour: bool, width: int
) -> Group:
    """Return pictures with what they were taken for, as many side by side as the width allows."""
    cells = []
    for one in shown:
        picture = render_image(one.image, judged.source, colour=colour)
        words = tables.plain(judged.describe_mistake(one))
        cells.append(Text(f"{words}\n{judged.place(one)}\n").append_text(picture))
    wide = max((line.cell_len for cell in cells for line in cell.split()), default=1)
    across = max(1, (width + GAP) // (wide + GAP))
    grid = Table.grid(padding=(0, GAP, 0, 0))
    for _ in range(across):
        grid.add_column(width=wide, no_wrap=True)
    for start in range(0, len(cells), across):
        if start:
            grid.add_row()
        grid.add_row(*cells[start : start + across])
    wrong = len(judged.evaluation.mistakes)
    heading = f"The worst {len(shown):,} of {wrong:,} mistakes" if shown else "No mistake"
    return Group(tables.heading(heading), grid)


def facts(
    judged: EvaluationReport, changes: Mapping[str, object], shown: Sequence[Mistake] | None
) -> dict[str, Any]:
    """Return the object of `zoo evaluate --json`, with mistakes if they were asked for."""
    found, claim = judged.evaluation, judged.claim
    told: dict[str, Any] = {
        "model": judged.name,
        "split": judged.split,
        "n": found.n,
        "accuracy": found.accuracy,
        "low": found.low,
        "high": found.high,
        "loss": found.loss,
        "calibration_error": found.calibration_error,
        "classes": judged.source.names,
        "per_class": [
            asdict(one) | {"label": judged.source.label_of(one.label)} for one in found.per_class
        ],
        "confusion": found.confusion.tolist(),
        "changes": changes,
        "claim": claim and {"value": claim.value, "split": claim.split, "verdict": judged.verdict},
        "recorded": judged.recorded
        and asdict(judged.recorded) | {"differs": not judged.is_as_recorded},
        "data": {
            "kind": judged.source.name,
            "source": judged.data,
            "digest": judged.digest,
            "trained_on": judged.facts and judged.is_its_data,
        },
        "fingerprint": judged.facts and judged.facts.fingerprint,
    }
    if shown is None:
        return told
    return told | {
        "mistakes": [
            {
                "index": one.index,
                "label": judged.source.label_of(one.label),
                "answer": judged.source.label_of(one.answer),
                "probability": one.probability,
                "probabilities": one.probabilities.tolist(),
            }
            for one in shown
        ]
    }
