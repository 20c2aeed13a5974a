"""How error falls with the seconds of training, for several entries on one pair of axes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

from zoo.config.entry import Entry
from zoo.formatting import number
from zoo.training.run import MetricsRow

WIDE, TALL, LEFT, TOP, RIGHT, BOTTOM = 560, 400, 64, 48, 190, 52
APART = 15  # between the names at the ends of the lines
HUES = 5  # a network has a colour, as long as there are as many

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
    """How an entry learned: after so many seconds so large an error, the mean over its seeds."""

    entry: Entry
    seeds: int
    points: tuple[tuple[float, float], ...]


def learning_curve(entry: Entry, several: Sequence[Sequence[MetricsRow]]) -> LearningCurve | None:
    """Return the mean course of some trainings; nothing if none has a held-out error."""
    known = [rows for rows in several if rows and rows[-1].held_out_accuracy is not None]
    shared = min(map(len, known), default=0)
    points = [
        (
            fmean(rows[place].seconds for rows in known),
            fmean(1 - (rows[place].held_out_accuracy or 0) for rows in known),
        )
        for place in range(shared)
    ]
    drawn = tuple((seconds, error) for seconds, error in points if seconds > 0 and error > 0)
    return LearningCurve(entry, len(known), drawn) if drawn else None


@dataclass(frozen=True)
class _Axes:
    """Both axes by the logarithm, from one power of ten to another or a half of it."""

    first: float  # second
    last: float
    low: float  # error
    high: float

    def place(self, seconds: float, error: float) -> tuple[float, float]:
        across = math.log(seconds / self.first) / math.log(self.last / self.first)
        down = math.log(self.high / error) / math.log(self.high / self.low)
        return LEFT + WIDE * across, TOP + TALL * down


def svg(courses: Sequence[LearningCurve]) -> str:
    """Return the picture: a line an entry, thin and dashed where it makes a claim."""
    seconds = [second for one in courses for second, _ in one.points]
    errors = [error for one in courses for _, error in one.points]
    axes = _Axes(_round(min(seconds)), max(seconds) * 1.05, _round(min(errors)), 1.0)
    shapes = list(dict.fromkeys(one.entry.architecture for one in courses))
    drawn = [*_grid(axes)]
    ends = []
    for one in courses:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (axes.place(*point) for point in one.points))
        hue = f"hue{shapes.index(one.entry.architecture) % HUES}"
        first = " claim" if one.entry.claim else ""
        drawn.append(f'<polyline class="{hue}{first}" points="{path}"/>')
        ends.append((*axes.place(*one.points[-1]), hue, one))
    drawn += _names(ends)
    wide, tall = LEFT + WIDE + RIGHT, TOP + TALL + BOTTOM
    size = f'viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}"'
    title = "Error on held-out pictures over the seconds of training"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{title}: {_words(courses)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{wide}" height="{tall}"/>',
            f'<text class="title" x="{LEFT}" y="26">{title}</text>',
            *drawn,
            "</svg>\n",
        ]
    )


def _round(number: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not larger."""
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
        _, y = axes.place(axes.first, error)
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y:.1f}" y2="{y:.1f}"/>'
        label = f"{number(100 * error)} %"
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    bottom = TOP + TALL
    for second in _ticks(axes.first, axes.last):
        if f"{second:e}".startswith(("1", "2", "5")):
            x, _ = axes.place(second, axes.high)
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>'
        if f"{second:e}".startswith("1"):
            label = number(second)
            yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{label}</text>'
    middle = LEFT + WIDE / 2
    yield f'<text x="{middle}" y="{bottom + 40}" text-anchor="middle">seconds, one core</text>'


def _names(ends: Sequence[tuple[float, float, str, LearningCurve]]) -> Iterable[str]:
    """Yield the name of every line behind the right edge, none on top of another."""
    ordered = sorted(ends, key=lambda end: end[1])
    edge = LEFT + WIDE + 10
    for level, (x, y, hue, one) in zip(_apart([y for _, y, _, _ in ordered]), ordered, strict=True):
        yield (
            f'<line class="lead" x1="{x + 2:.1f}" y1="{y:.1f}" x2="{edge - 2}" y2="{level:.1f}"/>'
        )
        said = f"{escape(one.entry.name)} {_two_digits(100 * one.points[-1][1])} %"
        yield f'<text class="name {hue}" x="{edge + 2}" y="{level + 4:.1f}">{said}</text>'


def _apart(levels: Sequence[float]) -> list[float]:
    """Push what is too close down, and up again what would leave the picture at the bottom."""
    found, above = [], -math.inf
    for level in levels:
        above = max(level, above + APART)
        found.append(above)
    below = float(TOP + TALL + APART)
    for place in reversed(range(len(found))):
        found[place] = below = min(found[place], below - APART)
    return found


def _words(courses: Sequence[LearningCurve]) -> str:
    return ", ".join(
        f"{escape(one.entry.name)} {_two_digits(100 * error)} % after {_two_digits(seconds)} s"
        for one in courses
        for seconds, error in one.points[-1:]
    )


def _two_digits(value: float) -> str:
    return number(float(f"{value:.2g}"))
