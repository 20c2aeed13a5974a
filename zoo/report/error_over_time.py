"""The figure of the error over the seconds of training, for several entries."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from zoo.config.entry import Entry
from zoo.formatting import number
from zoo.svg.axis import Axis, width_of
from zoo.svg.figure import SMALL, Figure, Panel, Point, segment, text
from zoo.svg.style import HUES
from zoo.training.run import MetricsRow

APART = 15  # pixels between the names at the ends of the lines
LEAD = 10  # pixels from the panel to the names
TITLE = "Error on held-out images over the seconds of training"


@dataclass(frozen=True)
class LearningCurve:
    """The (seconds, error) points of an entry's training, averaged over its seeds."""

    entry: Entry
    seeds: int
    points: tuple[tuple[float, float], ...]


def learning_curve(entry: Entry, runs: Sequence[Sequence[MetricsRow]]) -> LearningCurve | None:
    """Return the mean learning curve of the runs; None if no run has a held-out error."""
    measured = [rows for rows in runs if rows and rows[-1].held_out_accuracy is not None]
    shared = min(map(len, measured), default=0)
    points = [
        (
            fmean(rows[index].seconds for rows in measured),
            fmean(1 - (rows[index].held_out_accuracy or 0) for rows in measured),
        )
        for index in range(shared)
    ]
    positive = tuple((seconds, error) for seconds, error in points if seconds > 0 and error > 0)
    return LearningCurve(entry, len(measured), positive) if positive else None


def svg(curves: Sequence[LearningCurve]) -> str:
    """Return the figure: one line per entry, thin and dashed if the entry has a claim."""
    seconds = [second for curve in curves for second, _ in curve.points]
    errors = [100 * error for curve in curves for _, error in curve.points]
    names = max(width_of(_name(curve)) for curve in curves)
    figure = Figure(TITLE, right=LEAD + names)
    panel = figure.panel(
        Axis.log_around(seconds, "seconds of training, one core"),
        Axis.log_around([*errors, 100], "error on held-out images, %"),
        width=560,
        height=400,
    )
    architectures = list(dict.fromkeys(curve.entry.architecture for curve in curves))
    ends = []
    for curve in curves:
        hue = HUES[architectures.index(curve.entry.architecture) % len(HUES)]
        points = [(second, 100 * error) for second, error in curve.points]
        panel.line(points, f"{hue} dashed" if curve.entry.claim else hue)
        ends.append((panel.place(*points[-1]), hue, _name(curve)))
    panel.shapes += _names(panel, ends)
    return figure.file(f"{TITLE}: {_summary(curves)}")


def _names(panel: Panel, ends: Sequence[tuple[Point, str, str]]) -> Iterable[str]:
    """Yield the name of every line, right of the panel and without overlaps."""
    ordered = sorted(ends, key=lambda end: end[0][1])
    levels = _apart([y for (_, y), _, _ in ordered], lowest=panel.height + APART)
    left = panel.width + LEAD
    for level, ((x, y), hue, name) in zip(levels, ordered, strict=True):
        yield segment((x + 2, y), (left - 4, level), "soft faint")
        yield text(name, left, level + SMALL, hue)


def _apart(levels: Sequence[float], *, lowest: float) -> list[float]:
    """Return levels that are APART: move them down, then up again from the lowest place."""
    moved, above = [], -math.inf
    for level in levels:
        above = max(level, above + APART)
        moved.append(above)
    below = lowest + APART
    for index in reversed(range(len(moved))):
        moved[index] = below = min(moved[index], below - APART)
    return moved


def _name(curve: LearningCurve) -> str:
    return f"{curve.entry.name} {_two_digits(100 * curve.points[-1][1])} %"


def _summary(curves: Sequence[LearningCurve]) -> str:
    return ", ".join(
        f"{_name(curve)} after {_two_digits(curve.points[-1][0])} s" for curve in curves
    )


def _two_digits(value: float) -> str:
    return number(float(f"{value:.2g}"))
