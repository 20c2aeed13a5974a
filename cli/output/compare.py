"""The output of `zoo compare`: tables, learning curves and pairs of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo.analysis.compare import class_names, describe_setting, differing_settings
from zoo.analysis.learning_curves import curve
from zoo.analysis.statistics import interval_words, mean_words, summarize
from zoo.formatting import duration, number, p_value, percent, size

from ..terminal_images import render_image
from . import tables

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Mapping, Sequence

    from zoo.analysis.baselines import BaselineResult
    from zoo.analysis.compare import ModelSummary
    from zoo.analysis.learning_curves import Curve
    from zoo.analysis.pairwise import Pair

WIDE = 150  # columns of the terminal for the table with one line per model
DRAWN_IMAGES = 6  # per pair
LISTED_IMAGES = 60  # per pair, by index
CHART = (60, 16)  # columns and lines
MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LEGEND = (
    "reproduced: mean ± deviation over the seeds, and the 95% interval of the mean, on the "
    "claim's split; recorded with the model, or trained on this machine."
)
ALPHA = 0.05  # a p-value below it is significant


@dataclass(frozen=True)
class ComparisonView:
    """The results of a comparison."""

    summaries: Sequence[ModelSummary]
    pairs: Sequence[Pair]
    baselines: Mapping[str, Sequence[BaselineResult]]  # by the name of the model
    missing_data: Mapping[str, str]  # dataset: reason


@dataclass(frozen=True)
class ShownSections:
    """The optional sections after the table."""

    settings: bool
    per_class: bool
    curves: bool


def page(view: ComparisonView, sections: ShownSections, *, width: int, colour: bool) -> list[Any]:
    """Return the parts of the terminal output."""
    models = view.summaries
    parts: list[Any] = [table(models, width=width), "", *legend(models, view.missing_data)]
    if sections.settings:
        parts.append(settings(differing_settings(models), [model.name for model in models]))
    if sections.per_class:
        parts.append(per_class(models))
    if sections.curves:
        parts.append(curves([(model, curve(model)) for model in models]))
    if view.baselines:
        parts.append(baselines(view.baselines))
    return parts + [
        pair(tested_pair, n_pairs=len(view.pairs), colour=colour) for tested_pair in view.pairs
    ]


def table(models: Sequence[ModelSummary], *, width: int) -> Table:
    """Return the table of all models, with one line each if it fits, else three."""
    return _wide(models) if width >= WIDE else _narrow(models)


def _wide(models: Sequence[ModelSummary]) -> Table:
    right = ("params", "claim", "reproduced", "training", "µs/image", "size")
    result = tables.table(
        *("model", "network", "params", "claim", "on", "reproduced", "95% interval", "seeds"),
        *("verdict", "weights' accuracy", "training", "µs/image", "size"),
        right=right,
    )
    result.columns[0].min_width = max(map(len, _names(models)))
    for model in models:
        result.add_row(
            _bold(model.name),
            model.entry.architecture,
            model.entry.parameters_text,
            _claim(model),
            model.item.split,
            mean_words(model.summary),
            interval_words(model.summary),
            _seeds(model),
            _verdict(model),
            " ".join(_read(model)),
            _seconds(model.seconds),
            number(model.microseconds, digits=2),
            size(model.size_bytes),
        )
    return result


def _narrow(models: Sequence[ModelSummary]) -> Table:
    result = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in (
        "model\n  network\n  params, size",
        "claim\non",
        "reproduced\n95% interval\nseeds",
        "verdict\ntraining\nµs/image",
        "weights'\naccuracy",
    ):
        result.add_column(name, overflow="fold")
    for model in models:
        result.add_row()
        result.add_row(
            Text.assemble(
                (tables.plain(model.name), "bold"),
                f"\n  {model.entry.architecture}\n  {model.entry.parameters_text}, "
                f"{size(model.size_bytes)}",
            ),
            f"{_claim(model)}\n{model.item.split}",
            f"{mean_words(model.summary)}\n{interval_words(model.summary)}\n{_seeds(model)}",
            f"{_verdict(model)}\n{_seconds(model.seconds)}\n{number(model.microseconds, digits=2)}",
            "\n".join(_read(model)),
        )
    return result


def _names(models: Sequence[ModelSummary]) -> list[str]:
    return [tables.plain(model.name) for model in models]


def _bold(name: str) -> Text:
    return Text(tables.plain(name), style="bold")


def _claim(model: ModelSummary) -> str:
    return percent(model.entry.claim.value) if model.entry.claim else "-"


def _seeds(model: ModelSummary) -> str:
    """Return text such as "10 here, 10 recorded": the origin of the runs."""
    local, recorded = len(model.local_runs), len(model.results) - len(model.local_runs)
    counts = [f"{n} {where}" for n, where in ((local, "here"), (recorded, "recorded")) if n]
    return ", ".join(counts) or "none"


def _verdict(model: ModelSummary) -> str:
    return model.verdict or "-"


def _read(model: ModelSummary) -> list[str]:
    """Return the accuracy of the weights, and whether it was evaluated now or recorded."""
    if model.evaluation:
        accuracy = f"{100 * model.evaluation.evaluation.accuracy:.2f}%"
        recorded = model.recorded_accuracy
        differs = recorded is not None and recorded != model.evaluation.evaluation.accuracy
        return [
            accuracy,
            "checked" + (f", {100 * recorded:.2f}% recorded" if differs and recorded else ""),
        ]
    return (
        [f"{100 * model.recorded_accuracy:.2f}%", "recorded"]
        if model.recorded_accuracy is not None
        else ["-"]
    )


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)


def legend(models: Sequence[ModelSummary], missing_data: Mapping[str, str]) -> list[str]:
    """Return the explanation of the table, and the data that is missing."""
    lines = [LEGEND]
    if any(model.evaluation for model in models):
        lines.append(
            "checked: the shipped weights, or those of your median run, were evaluated now."
        )
    titles: dict[str, str] = {
        model.entry.data.identity: model.entry.data.source.title for model in models
    }
    lines += [
        f"not checked: {tables.plain(reason) or f'{titles[kind]} is not on this machine.'}"
        for kind, reason in missing_data.items()
    ]
    return lines


def settings(differing: Mapping[str, Sequence[Any]], names: Sequence[str]) -> Group:
    """Return the keys that differ, with each value and the models that have it."""
    lines: list[Any] = [tables.heading("Settings that differ")]
    if not differing:
        lines.append(Padding("None: the recipes are the same.", (0, 0, 0, 2)))
    for key, values in differing.items():
        lines.append(Padding(Text(key), (0, 0, 0, 2)))
        owners: dict[str, list[str]] = {}
        for name, value in zip(names, values, strict=True):
            owners.setdefault(describe_setting(value), []).append(tables.plain(name))
        grid = Table.grid(padding=(0, 2, 0, 0))
        for value, models in owners.items():
            grid.add_row(tables.plain(value), ", ".join(models))
        lines.append(Padding(grid, (0, 0, 0, 4)))
    return Group(*lines)


def per_class(models: Sequence[ModelSummary]) -> Group:
    """Return the recall and precision of every model for each class."""
    evaluated = [model for model in models if model.evaluation]
    heading = tables.heading("Each class: recall and precision")
    if not evaluated:
        return Group(heading, Padding("No images are on this machine.", (0, 0, 0, 2)))
    names = class_names(evaluated)
    result = tables.table("class", *_names(evaluated), right=_names(evaluated))
    for label, name in enumerate(names):
        cells = []
        for model in evaluated:
            scores = model.evaluation.evaluation.per_class if model.evaluation else ()
            if label < len(scores):
                cells.append(f"{scores[label].recall:.1%} {scores[label].precision:.1%}")
            else:
                cells.append("-")
        result.add_row(tables.plain(name), *cells)
    return Group(heading, Padding(result, (0, 0, 0, 2)))


def curves(models_and_curves: Sequence[tuple[ModelSummary, Curve | None]]) -> Group:
    """Return a chart of the learning curves with one letter per model, and its legend."""
    curves = [
        (model, learning_curve) for model, learning_curve in models_and_curves if learning_curve
    ]
    shown, more = curves[: len(MARKS)], len(curves[len(MARKS) :])
    lines: list[Any] = [tables.heading("Learning curves: accuracy over the share of the training")]
    if shown:
        lines += [
            Padding(Text(line), (0, 0, 0, 2))
            for line in _chart([learning_curve for _, learning_curve in shown])
        ]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for mark, (model, learning_curve) in zip(MARKS, shown, strict=False):
        last = learning_curve.points[-1]
        seeds = "1 seed" if learning_curve.seeds == 1 else f"{learning_curve.seeds} seeds"
        grid.add_row(
            mark,
            tables.plain(model.name),
            f"{learning_curve.split}, {last.number:,} {learning_curve.unit}s, {seeds}",
            f"ends at {100 * last.mean:.1f}% ({100 * last.low:.1f} to {100 * last.high:.1f})",
        )
    lines.append(Padding(grid, (0, 0, 0, 2)))
    if more:
        text = f"{more} more are not drawn; the chart has {len(MARKS)} letters. --json has all."
        lines.append(Padding(Text(text), (0, 0, 0, 2)))
    if without := [
        tables.plain(model.name)
        for model, learning_curve in models_and_curves
        if not learning_curve
    ]:
        text = f"No local run, so no curve: {', '.join(without)}. Add --train."
        lines.append(Padding(Text(text), (0, 0, 0, 2)))
    return Group(*lines)


def _chart(curves: Sequence[Curve]) -> list[str]:
    columns, rows = CHART
    low = min(point.mean for learning_curve in curves for point in learning_curve.points)
    high = max(point.mean for learning_curve in curves for point in learning_curve.points)
    span = (high - low) or 1
    field = [[" "] * columns for _ in range(rows)]
    for mark, line in reversed(list(zip(MARKS, curves, strict=False))):  # the first is drawn last
        end = line.points[-1].number or 1
        for column in range(columns):
            number = column / (columns - 1) * end
            points = [point for point in line.points if point.number <= number]
            if points:
                height = (points[-1].mean - low) / span
                field[rows - 1 - round(height * (rows - 1))][column] = mark
    labels = [f"{100 * (high - span * row / (rows - 1)):5.1f}%" for row in range(rows)]
    chart = [f"{label} |{''.join(letters)}" for label, letters in zip(labels, field, strict=True)]
    return [*chart, f"{'':6} +{'-' * columns}", f"{'':8}start{'end':>{columns - 5}}"]


def pair(tested_pair: Pair, *, n_pairs: int, colour: bool) -> Group:
    """Return McNemar's test of two models, and the images on which one of them is wrong."""
    first, second = tables.plain(tested_pair.first.name), tables.plain(tested_pair.second.name)
    test, source = tested_pair.test, tested_pair.source
    both = tested_pair.right[0] - test.only_first
    alone = f"only {first} {test.only_first:,}, only {second} {test.only_second:,}"
    lines = [
        f"the same {tested_pair.n:,} {tested_pair.split} {source.noun}s of {source.title}",
        f"both right {both:,}, {alone}, neither {tested_pair.n - both - test.differ:,}",
        f"McNemar's test: p {p_value(test.exact)} exact, {p_value(test.corrected)} by chi-squared"
        + (
            f"; {p_value(tested_pair.corrected)} as one of {n_pairs} pairs (Holm)"
            if n_pairs > 1
            else ""
        ),
        _finding(tested_pair, first, second),
    ]
    parts: list[Any] = [tables.heading(f"{first} and {second}")]
    parts += [Padding(Text(line), (0, 0, 0, 2)) for line in lines]
    if tested_pair.differences:
        numbers = [str(difference.index) for difference in tested_pair.differences[:LISTED_IMAGES]]
        more = len(tested_pair.differences) - len(numbers)
        text = ", ".join(numbers) + (f" and {more:,} more (--json has them all)" if more else "")
        parts.append(Padding(Text(f"They differ on: {text}"), (0, 0, 0, 2)))
        parts.append(Padding(_images(tested_pair, first, second, colour=colour), (1, 0, 0, 2)))
    return Group(*parts)


def _finding(pair: Pair, first: str, second: str) -> str:
    better = first if pair.test.only_first > pair.test.only_second else second
    if pair.corrected < ALPHA:
        return f"{better} is better (significant at 5 %)."
    return "The difference is not significant."


def _images(pair: Pair, first: str, second: str, *, colour: bool) -> Table:
    grid = Table.grid(padding=(0, 3, 1, 0))
    columns = 2 if colour else 1
    names = [tables.plain(name) for name in pair.source.names]
    cells = [
        Text(
            f"{pair.split} {pair.source.noun} {difference.index}, "
            f"labelled {names[difference.label]}\n"
            f"{first}: {names[difference.first]}, {second}: {names[difference.second]}\n"
        ).append_text(render_image(difference.image, pair.source, colour=colour))
        for difference in pair.differences[: DRAWN_IMAGES if colour else 2]
    ]
    for start in range(0, len(cells), columns):
        grid.add_row(*cells[start : start + columns])
    return grid


def baselines(results: Mapping[str, Sequence[BaselineResult]]) -> Group:
    """Return the accuracies of the same recipes in other libraries."""
    lines: list[Any] = [tables.heading("The same recipes in other libraries")]
    rows = tables.table("model", "by", "accuracy", "on", "training", right=("training",))
    notes: dict[str, None] = {}
    for name, model_results in results.items():
        for peer in dict.fromkeys(result.peer for result in model_results):
            peer_results = [result for result in model_results if result.peer == peer]
            summary = summarize([result.accuracy for result in peer_results])
            seconds = sorted(result.seconds for result in peer_results)[len(peer_results) // 2]
            rows.add_row(
                _bold(name),
                f"{peer} {peer_results[0].version}",
                tables.summary_words(summary),
                peer_results[0].split,
                _seconds(seconds),
            )
            for difference in peer_results[0].differs:
                notes[f"{peer}: {difference}"] = None
    lines.append(Padding(rows, (0, 0, 0, 2)))
    lines += [Padding(Text(tables.plain(note)), (0, 0, 0, 2)) for note in notes]
    return Group(*lines)


def as_markdown(models: Sequence[ModelSummary]) -> str:
    """Return the table for a README."""
    names = ("model", "network", "parameters", "claim", "reproduced, mean ± sd", "95% interval")
    more = ("seeds", "verdict", "training", "µs per image")
    lines = [f"| {' | '.join([*names, *more])} |", "|---|---|---:|---|---|---|---|---|---:|---:|"]
    for model in models:
        cells = (
            tables.plain(model.name).replace("|", "\\|"),
            model.entry.architecture,
            model.entry.parameters_text,
            f"{_claim(model)} {model.item.split}",
            mean_words(model.summary),
            interval_words(model.summary),
            _seeds(model),
            _verdict(model),
            _seconds(model.seconds),
            number(model.microseconds, digits=2),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
