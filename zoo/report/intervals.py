"""Accuracies and their intervals on one labelled axis: a row for each, as wide as the window."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from zoo.config.entry import Claim
from zoo.svg.axis import LINE, Axis
from zoo.svg.figure import element, text

STYLE = """
.intervals { display: grid; grid-template-columns: minmax(9rem, max-content) minmax(0, 1fr);
  gap: .35rem 1.25rem; align-items: center; margin: 1.25rem 0 }
.intervals svg { display: block; width: 100%; height: 2.5rem; overflow: visible }
.intervals svg.row { background: var(--raised) }
.intervals .name { line-height: 1.25 }
.intervals > :is(.details, .axis) { grid-column: 2 }
.intervals .details { font-size: .85rem; color: var(--soft); margin: 0 0 .9rem }
.intervals.nameless { display: block }
.intervals circle { stroke: var(--paper); stroke-width: 2 }
.intervals circle.hollow { fill: var(--paper); stroke: var(--ink) }
.key { font-size: .9rem; margin: .5rem 0 1.25rem }
.key b.measured { color: var(--right) } .key b.claim { color: var(--wrong) }
@media (max-width: 40rem) { .intervals { display: block } }
"""
NARROWEST = 280  # pixels of an axis on a phone


@dataclass(frozen=True)
class Row:
    """A row: its name as HTML, its marks, and a sentence below it."""

    name: str
    marks: Sequence[str]
    details: str = ""


def figure(axis: Axis, rows: Sequence[Row]) -> str:
    """Return the rows above their axis; screen readers get the sentences."""
    ticks = axis.ticks(NARROWEST)
    grid = "".join(line(axis, value, "grid") for value in ticks)
    named = "" if any(row.name for row in rows) else " nameless"
    cells = [cell for row in rows for cell in _cells(row, grid)]
    labels = [
        text(label, _percent(axis, value), LINE, anchor="middle") for value, label in ticks.items()
    ]
    labels.append(text(axis.label, "50%", 2 * LINE, "label", anchor="middle"))
    cells.append(f'<svg class="axis" aria-hidden="true">{"".join(labels)}</svg>')
    return f'<div class="intervals{named}">{"".join(cells)}</div>'


def _cells(row: Row, grid: str) -> Iterable[str]:
    if row.name:
        yield f'<div class="name">{row.name}</div>'
    yield f'<svg class="row" aria-hidden="true">{grid}{"".join(row.marks)}</svg>'
    if row.details:
        yield f'<p class="details">{escape(row.details)}</p>'


def claimed(claim: Claim) -> tuple[float, float]:
    """Return the accuracies in percent that agree with a claim."""
    return 100 * (claim.value - claim.tolerance), 100 * (claim.value + claim.tolerance)


def claim_marks(axis: Axis, claim: Claim) -> list[str]:
    """Return a claim as a dashed line in the area that agrees with it."""
    area = _range(axis, *claimed(claim), "orange faint", y=0, height="100%")
    return [area, line(axis, 100 * claim.value, "orange dashed")]


def bar(axis: Axis, low: float, high: float, style: str) -> str:
    """Return an interval in the middle of the row."""
    return _range(axis, low, high, style, y="42%", height="16%")


def line(axis: Axis, value: float, style: str) -> str:
    """Return a line of the height of the row."""
    x = _percent(axis, value)
    return element("line", style, x1=x, y1=0, x2=x, y2="100%")


def dot(axis: Axis, value: float, style: str, *, radius: int = 6) -> str:
    """Return a dot in the middle of the row."""
    return element("circle", style, cx=_percent(axis, value), cy="50%", r=radius)


def _range(axis: Axis, low: float, high: float, style: str, *, y: object, height: object) -> str:
    width = f"{_place(axis, high) - _place(axis, low):.2f}%"
    return element("rect", style, x=_percent(axis, low), y=y, width=width, height=height)


def _percent(axis: Axis, value: float) -> str:
    return f"{_place(axis, value):.2f}%"


def _place(axis: Axis, value: float) -> float:
    """Return the position of a value in percent of the width; outside the axis, that of its end."""
    return 100 * axis.share(min(max(value, axis.low), axis.high))
