"""The figure of the error over the seconds of training, for several entries."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

from zoo.config.entry import Entry
from zoo.formatting import number
from zoo.training.run import MetricsRow

WIDE, TALL, LEFT, TOP, RIGHT, BOTTOM = 560, 400, 64, 48, 190, 52
APART = 15  # pixels between the names at the ends of the lines
HUES = 5  # colours; each architecture has one

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328 }
  .paper { fill: #ffffff } .grid { stroke: #d8dee4 }
  polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .claim { stroke-width: 1.5; stroke-dasharray: 5 3 }
  .lead { stroke: #afb8c1; stroke-width: 1 }
  .hue0 { --hue: #0969da } .hue1 { --hue: #bc4c00 } .hue2 { --hue: #1a7f37 }
  .hue3 { --hue: #8250df } .hue4 { --hue: #bf3989 }
  polyline { stroke: var(--hue) } text.name { fill: var(--hue) }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title { fill: #f0f6fc }
    .paper { fill: #0d1117 } .grid { stroke: #30363d } .lead { stroke: #484f58 }
    .hue0 { --hue: #4493f8 } .hue1 { --hue: #f0883e } .hue2 { --hue: #3fb950 }
    .hue3 { --hue: #ab7df8 } .hue4 { --hue: #f778ba }
  }
"""


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


@dataclass(frozen=True)
class _Axes:
    """Two logarithmic axes that begin at 1, 2 or 5 times a power of ten."""

    first: float  # second
    last: float
    low: float  # error
    high: float

    def position(self, seconds: float, error: float) -> tuple[float, float]:
        across = math.log(seconds / self.first) / math.log(self.last / self.first)
        down = math.log(self.high / error) / math.log(self.high / self.low)
        return LEFT + WIDE * across, TOP + TALL * down


def svg(curves: Sequence[LearningCurve]) -> str:
    """Return the figure: one line per entry, thin and dashed if the entry has a claim."""
    seconds = [second for curve in curves for second, _ in curve.points]
    errors = [error for curve in curves for _, error in curve.points]
    axes = _Axes(_round(min(seconds)), max(seconds) * 1.05, _round(min(errors)), 1.0)
    architectures = list(dict.fromkeys(curve.entry.architecture for curve in curves))
    shapes = [*_grid(axes)]
    ends = []
    for curve in curves:
        points = (axes.position(*point) for point in curve.points)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        hue = f"hue{architectures.index(curve.entry.architecture) % HUES}"
        claim = " claim" if curve.entry.claim else ""
        shapes.append(f'<polyline class="{hue}{claim}" points="{path}"/>')
        ends.append((*axes.position(*curve.points[-1]), hue, curve))
    shapes += _names(ends)
    wide, tall = LEFT + WIDE + RIGHT, TOP + TALL + BOTTOM
    size = f'viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}"'
    title = "Error on held-out images over the seconds of training"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{title}: {_summary(curves)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{wide}" height="{tall}"/>',
            f'<text class="title" x="{LEFT}" y="26">{title}</text>',
            *shapes,
            "</svg>\n",
        ]
    )


def _round(number: float) -> float:
    """Round down to 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(number))
    return float(max(power * step for step in (1, 2, 5) if power * step <= number * (1 + 1e-9)))


def _ticks(low: float, high: float) -> Iterable[float]:
    """Yield 1, 2 and 5 times the powers of ten from low to high."""
    for exponent in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for step in (1, 2, 5):
            number = step * 10.0**exponent
            if low * (1 - 1e-9) <= number <= high * (1 + 1e-9):
                yield number


def _grid(axes: _Axes) -> Iterable[str]:
    for error in _ticks(axes.low, axes.high):
        _, y = axes.position(axes.first, error)
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y:.1f}" y2="{y:.1f}"/>'
        label = f"{number(100 * error)} %"
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    bottom = TOP + TALL
    for second in _ticks(axes.first, axes.last):
        if f"{second:e}".startswith(("1", "2", "5")):
            x, _ = axes.position(second, axes.high)
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        if f"{second:e}".startswith("1"):
            label = number(second)
            yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{label}</text>'
    middle = LEFT + WIDE / 2
    yield f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle">seconds, one core</text>'


def _names(ends: Sequence[tuple[float, float, str, LearningCurve]]) -> Iterable[str]:
    """Yield the name of every line, right of the axes and without overlaps."""
    ordered = sorted(ends, key=lambda end: end[1])
    edge = LEFT + WIDE + 10
    for level, (x, y, hue, curve) in zip(
        _apart([y for _, y, _, _ in ordered]), ordered, strict=True
    ):
        yield (
            f'<line class="lead" x1="{x + 2:.1f}" y1="{y:.1f}" x2="{edge - 2}" y2="{level:.1f}"/>'
        )
        name = f"{escape(curve.entry.name)} {_two_digits(100 * curve.points[-1][1])} %"
        yield f'<text class="name {hue}" x="{edge + 2}" y="{level + 4:.1f}">{name}</text>'


def _apart(levels: Sequence[float]) -> list[float]:
    """Return levels that are APART: move them down, then up again from the bottom edge."""
    moved, above = [], -math.inf
    for level in levels:
        above = max(level, above + APART)
        moved.append(above)
    below = float(TOP + TALL + APART)
    for index in reversed(range(len(moved))):
        moved[index] = below = min(moved[index], below - APART)
    return moved


def _summary(curves: Sequence[LearningCurve]) -> str:
    return ", ".join(
        f"{escape(curve.entry.name)} {_two_digits(100 * error)} % after {_two_digits(seconds)} s"
        for curve in curves
        for seconds, error in curve.points[-1:]
    )


def _two_digits(value: float) -> str:
    return number(float(f"{value:.2g}"))
