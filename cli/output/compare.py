"""What is shown of a comparison: tables, curves, pairs and the objects for scripts; none prints."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo.analysis.compare import class_names, describe_setting
from zoo.analysis.compare import differing_settings as differing
from zoo.analysis.learning_curves import curve
from zoo.analysis.statistics import interval_words, mean_words, summarize
from zoo.formatting import duration, number, p_value, percent, size

from ..terminal_images import render_image
from . import tables

if TYPE_CHECKING:  # they bring NumPy along
    from collections.abc import Mapping, Sequence

    from zoo.analysis.baselines import BaselineResult
    from zoo.analysis.compare import ModelSummary
    from zoo.analysis.learning_curves import Curve
    from zoo.analysis.pairwise import Pair

WIDE = 150  # columns in which every number has one of its own
SHOWN = 6  # pictures of a pair that are drawn
NAMED = 60  # pictures of a pair that are named by their numbers
CHART = (60, 16)  # columns and lines
MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MEANING = (
    "reproduced: mean ± deviation over the seeds, and the 95 % interval of the mean, on the "
    "claim's split; recorded by whoever made the model, or trained here."
)
ALPHA = 0.05  # a p-value below it is taken for more than noise


@dataclass(frozen=True)
class ComparisonView:
    """All that was found."""

    standings: Sequence[ModelSummary]
    pairs: Sequence[Pair]
    contrasts: Mapping[str, Sequence[BaselineResult]]  # of each subject, by its name
    absent: Mapping[str, str]  # the data that is not at hand, and why


@dataclass(frozen=True)
class ShownSections:
    """What is shown beside the table."""

    settings: bool
    per_class: bool
    curves: bool


def page(found: ComparisonView, sections: ShownSections, *, width: int, colour: bool) -> list[Any]:
    """Return what is shown in the terminal."""
    rows = found.standings
    parts: list[Any] = [table(rows, width=width), "", *legend(rows, found.absent)]
    if sections.settings:
        parts.append(settings(differing(rows), [one.name for one in rows]))
    if sections.per_class:
        parts.append(per_class(rows))
    if sections.curves:
        parts.append(curves([(one, curve(one)) for one in rows]))
    if found.contrasts:
        parts.append(contrasts(found.contrasts))
    return parts + [pair(one, several=len(found.pairs), colour=colour) for one in found.pairs]


def objects(found: ComparisonView, sections: ShownSections) -> list[dict[str, Any]]:
    """Return the objects of `zoo compare --json`."""
    told = []
    values = differing(found.standings) if sections.settings else {}
    for place, one in enumerate(found.standings):
        object_ = facts(one)
        if sections.settings:
            object_["settings"] = {key: several[place] for key, several in values.items()}
        if sections.per_class:
            object_["per_class"] = class_facts(one)
        if sections.curves:
            object_["curve"] = curve_facts(curve(one))
        if found.contrasts:
            object_["against"] = [asdict(two) for two in found.contrasts.get(one.name, ())]
        if found.pairs:
            object_["pairs"] = [pair_facts(two) for two in found.pairs if two.first is one]
        told.append(object_)
    return told


def table(standings: Sequence[ModelSummary], *, width: int) -> Table:
    """Return how all of them stand: a line each where there is room, else three."""
    return _wide(standings) if width >= WIDE else _narrow(standings)


def _wide(standings: Sequence[ModelSummary]) -> Table:
    right = ("params", "claim", "reproduced", "training", "µs/picture", "size")
    made = tables.table(
        *("model", "network", "params", "claim", "on", "reproduced", "95% interval", "seeds"),
        *("verdict", "weights read", "training", "µs/picture", "size"),
        right=right,
    )
    made.columns[0].min_width = max(map(len, _names(standings)))
    for one in standings:
        made.add_row(
            _bold(one.name),
            one.entry.architecture,
            one.entry.describe_parameters,
            _claim(one),
            one.item.split,
            mean_words(one.summary),
            interval_words(one.summary),
            _seeds(one),
            _verdict(one),
            " ".join(_read(one)),
            _seconds(one.seconds),
            number(one.microseconds, digits=2),
            size(one.bytes),
        )
    return made


def _narrow(standings: Sequence[ModelSummary]) -> Table:
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in (
        "model\n  network\n  params, size",
        "claim\non",
        "reproduced\n95% interval\nseeds",
        "verdict\ntraining\nµs/picture",
        "weights\nread",
    ):
        made.add_column(name, overflow="fold")
    for one in standings:
        made.add_row()
        made.add_row(
            Text.assemble(
                (tables.plain(one.name), "bold"),
                f"\n  {one.entry.architecture}\n  {one.entry.describe_parameters}, "
                f"{size(one.bytes)}",
            ),
            f"{_claim(one)}\n{one.item.split}",
            f"{mean_words(one.summary)}\n{interval_words(one.summary)}\n{_seeds(one)}",
            f"{_verdict(one)}\n{_seconds(one.seconds)}\n{number(one.microseconds, digits=2)}",
            "\n".join(_read(one)),
        )
    return made


def _names(standings: Sequence[ModelSummary]) -> list[str]:
    return [tables.plain(one.name) for one in standings]


def _bold(name: str) -> Text:
    return Text(tables.plain(name), style="bold")


def _claim(one: ModelSummary) -> str:
    return percent(one.entry.claim.value) if one.entry.claim else "-"


def _seeds(one: ModelSummary) -> str:
    """Return such as "10 here, 10 recorded": where the trainings behind the figure come from."""
    here, recorded = len(one.local_runs), len(one.results) - len(one.local_runs)
    words = [f"{n} {where}" for n, where in ((here, "here"), (recorded, "recorded")) if n]
    return ", ".join(words) or "none"


def _verdict(one: ModelSummary) -> str:
    return one.verdict or "-"


def _read(one: ModelSummary) -> list[str]:
    """Return what the weights read on the split that counts, and whether that is of just now."""
    if one.evaluation:
        words = f"{100 * one.evaluation.evaluation.accuracy:.2f}%"
        known = one.recorded
        differs = known is not None and known != one.evaluation.evaluation.accuracy
        return [words, "checked" + (f", {100 * known:.2f}% on record" if differs and known else "")]
    return [f"{100 * one.recorded:.2f}%", "recorded"] if one.recorded is not None else ["-"]


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)


def legend(standings: Sequence[ModelSummary], absent: Mapping[str, str]) -> list[str]:
    """Return what the words in the table mean, and what could not be checked."""
    lines = [MEANING]
    if any(one.evaluation for one in standings):
        lines.append("checked: the weights that ship, or your middle run's, read it just now.")
    titles: dict[str, str] = {
        one.entry.data.identity: one.entry.data.source.title for one in standings
    }
    lines += [
        f"not checked: {tables.plain(why) or f'{titles[kind]} is not at hand.'}"
        for kind, why in absent.items()
    ]
    return lines


def settings(differing: Mapping[str, Sequence[Any]], names: Sequence[str]) -> Group:
    """Return the keys that differ, and under each its values with those who have them."""
    lines: list[Any] = [_heading("Settings that differ")]
    if not differing:
        lines.append(Padding("None: the recipes are the same.", (0, 0, 0, 2)))
    for key, values in differing.items():
        lines.append(Padding(Text(key), (0, 0, 0, 2)))
        owners: dict[str, list[str]] = {}
        for name, value in zip(names, values, strict=True):
            owners.setdefault(describe_setting(value), []).append(tables.plain(name))
        grid = Table.grid(padding=(0, 2, 0, 0))
        for words, several in owners.items():
            grid.add_row(tables.plain(words), ", ".join(several))
        lines.append(Padding(grid, (0, 0, 0, 4)))
    return Group(*lines)


def per_class(standings: Sequence[ModelSummary]) -> Group:
    """Return what share of each digit every model reads right, and of its answers is right."""
    judged = [one for one in standings if one.evaluation]
    heading = _heading("Each class: recall and precision")
    if not judged:
        return Group(heading, Padding("No pictures are at hand to read.", (0, 0, 0, 2)))
    names = class_names(judged)
    made = tables.table("class", *_names(judged), right=_names(judged))
    for label, name in enumerate(names):
        cells = []
        for one in judged:
            found = one.evaluation.evaluation.per_class if one.evaluation else ()
            if label < len(found):
                cells.append(f"{found[label].recall:.1%} {found[label].precision:.1%}")
            else:
                cells.append("-")
        made.add_row(tables.plain(name), *cells)
    return Group(heading, Padding(made, (0, 0, 0, 2)))


def curves(found: Sequence[tuple[ModelSummary, Curve | None]]) -> Group:
    """Return the learning curves in one chart of letters, and below it what each letter is."""
    curves = [(one, line) for one, line in found if line]
    drawn, more = curves[: len(MARKS)], len(curves[len(MARKS) :])
    lines: list[Any] = [_heading("Learning curves: accuracy over the share of the training")]
    if drawn:
        lines += [Padding(Text(line), (0, 0, 0, 2)) for line in _chart([line for _, line in drawn])]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for mark, (one, line) in zip(MARKS, drawn, strict=False):
        last = line.points[-1]
        seeds = "1 seed" if line.seeds == 1 else f"{line.seeds} seeds"
        grid.add_row(
            mark,
            tables.plain(one.name),
            f"{line.split}, {last.number:,} {line.unit}s, {seeds}",
            f"ends at {100 * last.mean:.1f}% ({100 * last.low:.1f} to {100 * last.high:.1f})",
        )
    lines.append(Padding(grid, (0, 0, 0, 2)))
    if more:
        words = f"{more} more are not drawn: there are {len(MARKS)} letters. --json has them all."
        lines.append(Padding(Text(words), (0, 0, 0, 2)))
    if without := [tables.plain(one.name) for one, line in found if not line]:
        words = f"No training here, so no curve: {', '.join(without)}. --train makes some."
        lines.append(Padding(Text(words), (0, 0, 0, 2)))
    return Group(*lines)


def _chart(drawn: Sequence[Curve]) -> list[str]:
    columns, rows = CHART
    low = min(point.mean for one in drawn for point in one.points)
    high = max(point.mean for one in drawn for point in one.points)
    span = (high - low) or 1
    field = [[" "] * columns for _ in range(rows)]
    for mark, line in reversed(list(zip(MARKS, drawn, strict=False))):  # the first is on top
        end = line.points[-1].number or 1
        for column in range(columns):
            number = column / (columns - 1) * end
            before = [point for point in line.points if point.number <= number]
            if before:
                height = (before[-1].mean - low) / span
                field[rows - 1 - round(height * (rows - 1))][column] = mark
    labels = [f"{100 * (high - span * row / (rows - 1)):5.1f}%" for row in range(rows)]
    chart = [f"{label} |{''.join(letters)}" for label, letters in zip(labels, field, strict=True)]
    return [*chart, f"{'':6} +{'-' * columns}", f"{'':8}start{'end':>{columns - 5}}"]


def pair(found: Pair, *, several: int, colour: bool) -> Group:
    """Return McNemar's test of two models, and the pictures on which one of them is wrong."""
    first, second = tables.plain(found.first.name), tables.plain(found.second.name)
    test = found.test
    both = found.right[0] - test.only_first
    alone = f"only {first} {test.only_first:,}, only {second} {test.only_second:,}"
    lines = [
        f"the same {found.n:,} {found.split} {found.source.noun}s of {found.source.title}",
        f"both right {both:,}, {alone}, neither {found.n - both - test.differ:,}",
        f"McNemar's test: p {p_value(test.exact)} exact, {p_value(test.corrected)} by chi-squared"
        + (f"; {p_value(found.corrected)} as one of {several} pairs (Holm)" if several > 1 else ""),
        _finding(found, first, second),
    ]
    parts: list[Any] = [_heading(f"{first} and {second}")]
    parts += [Padding(Text(line), (0, 0, 0, 2)) for line in lines]
    if found.differences:
        numbers = [str(one.index) for one in found.differences[:NAMED]]
        more = len(found.differences) - len(numbers)
        words = ", ".join(numbers) + (f" and {more:,} more (--json has them all)" if more else "")
        parts.append(Padding(Text(f"They differ on: {words}"), (0, 0, 0, 2)))
        parts.append(Padding(_pictures(found, first, second, colour=colour), (1, 0, 0, 2)))
    return Group(*parts)


def _finding(found: Pair, first: str, second: str) -> str:
    better = first if found.test.only_first > found.test.only_second else second
    if found.corrected < ALPHA:
        return f"The weights of {better} are better, and that is no noise."
    return "The difference may be noise."


def _pictures(found: Pair, first: str, second: str, *, colour: bool) -> Table:
    grid = Table.grid(padding=(0, 3, 1, 0))
    across = 2 if colour else 1
    names = [tables.plain(name) for name in found.source.names]
    cells = [
        Text(
            f"{found.split} {found.source.noun} {one.index}, a {names[one.label]}\n"
            f"{first}: {names[one.first]}, {second}: {names[one.second]}\n"
        ).append_text(render_image(one.image, found.source, colour=colour))
        for one in found.differences[: SHOWN if colour else 2]
    ]
    for start in range(0, len(cells), across):
        grid.add_row(*cells[start : start + across])
    return grid


def contrasts(found: Mapping[str, Sequence[BaselineResult]]) -> Group:
    """Return what other people's code makes of the same recipes."""
    lines: list[Any] = [_heading("The same recipes in other hands")]
    made = tables.table("model", "by", "accuracy", "on", "training", right=("training",))
    notes: dict[str, None] = {}
    for name, several in found.items():
        for peer in dict.fromkeys(one.peer for one in several):
            own = [one for one in several if one.peer == peer]
            summary = summarize([one.accuracy for one in own])
            seconds = sorted(one.seconds for one in own)[len(own) // 2]
            made.add_row(
                _bold(name),
                f"{peer} {own[0].version}",
                tables.summary_words(summary),
                own[0].split,
                _seconds(seconds),
            )
            for difference in own[0].differs:
                notes[f"{peer}: {difference}"] = None
    lines.append(Padding(made, (0, 0, 0, 2)))
    lines += [Padding(Text(tables.plain(note)), (0, 0, 0, 2)) for note in notes]
    return Group(*lines)


def _heading(words: str) -> Padding:
    return Padding(Text(words, style="bold"), (1, 0, 0, 0))


def facts(one: ModelSummary) -> dict[str, Any]:
    """Return the object of `zoo compare --json` for a subject."""
    claim, summary = one.entry.claim, one.summary
    return {
        "entry": one.name,
        "network": one.entry.architecture,
        "parameters": one.entry.parameters,
        "claim": claim and {"value": claim.value, "split": claim.split},
        "reproduced": summary
        and {
            "mean": summary.mean,
            "sd": summary.sd,
            "n": summary.n,
            "low": summary.low,
            "high": summary.high,
        },
        "verdict": one.verdict,
        "checked": one.evaluation is not None,
        "seconds": one.seconds,
        "microseconds_per_image": one.microseconds,
    }


def class_facts(one: ModelSummary) -> list[dict[str, Any]] | None:
    """Return how each digit fares."""
    if one.evaluation is None:
        return None
    return [vars(score) for score in one.evaluation.evaluation.per_class]


def curve_facts(found: Curve | None) -> dict[str, Any] | None:
    """Return a learning curve."""
    if found is None:
        return None
    return {
        "split": found.split,
        "unit": found.unit,
        "seeds": found.seeds,
        "points": [vars(point) for point in found.points],
    }


def pair_facts(found: Pair) -> dict[str, Any]:
    """Return a pair with its test and every picture on which one of the two is wrong."""
    return {
        "with": found.second.name,
        "split": found.split,
        "n": found.n,
        "right": list(found.right),
        "only_this": found.test.only_first,
        "only_other": found.test.only_second,
        "p_exact": found.test.exact,
        "p_corrected": found.test.corrected,
        "p_holm": found.corrected,
        "differ": [
            {"index": one.index, "label": one.label, "this": one.first, "other": one.second}
            for one in found.differences
        ],
    }


def flat(one: ModelSummary) -> dict[str, object]:
    """Return the object as one row, what is nested under joined names."""
    row: dict[str, object] = {}
    for key, value in facts(one).items():
        names = {"claim": ("value", "split"), "reproduced": ("mean", "sd", "n", "low", "high")}
        if key in names:
            row |= {f"{key}_{name}": value[name] if value else None for name in names[key]}
        else:
            row[key] = value
    return row


def as_csv(standings: Sequence[ModelSummary]) -> str:
    """Return a row a subject."""
    rows = [flat(one) for one in standings]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_markdown(standings: Sequence[ModelSummary]) -> str:
    """Return the table for a README."""
    names = ("model", "network", "parameters", "claim", "reproduced, mean ± sd", "95 % interval")
    more = ("seeds", "verdict", "training", "µs a picture")
    lines = [f"| {' | '.join([*names, *more])} |", "|---|---|---:|---|---|---|---|---|---:|---:|"]
    for one in standings:
        cells = (
            tables.plain(one.name).replace("|", "\\|"),
            one.entry.architecture,
            one.entry.describe_parameters,
            f"{_claim(one)} {one.item.split}",
            mean_words(one.summary),
            interval_words(one.summary),
            _seeds(one),
            _verdict(one),
            _seconds(one.seconds),
            number(one.microseconds, digits=2),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
