"""Shared parts of the HTML pages: scales, confusion matrices, mistakes, lines of a diagram."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Self

from zoo import html
from zoo.analysis.evaluate import EvaluationReport, Mistake
from zoo.config.dataset_info import Source
from zoo.data.dataset import Values, describe_row
from zoo.data.images.png import png
from zoo.svg import Panel

STYLE = """
.strip { position: relative; height: 2.5rem; margin: 1.25rem 0 0; background: var(--raised)
  repeating-linear-gradient(to right, var(--line) 0 1px, transparent 1px var(--step));
  border: solid var(--line); border-width: 0 1px 1px }
.strip span { position: absolute; top: 0; bottom: 0 }
.strip .tolerance { background: color-mix(in srgb, var(--wrong) 18%, transparent) }
.strip .interval { top: 1.05rem; bottom: 1.05rem; background: var(--right) }
.strip .claim { border-left: 2px dashed var(--wrong); margin-left: -1px }
.strip .accuracy { top: .7rem; bottom: auto; width: 1rem; height: 1rem; margin-left: -.5rem;
  border-radius: 50%; background: var(--right); border: 2px solid var(--paper) }
.ends { display: flex; justify-content: space-between; font-size: .8rem; color: var(--soft) }
.key { font-size: .9rem; margin: .5rem 0 1.25rem }
.key b.measured { color: var(--right) } .key b.claim { color: var(--wrong) }
.diagrams { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)) }
.diagrams svg { width: 100%; max-width: 27rem }
table.heat { table-layout: fixed; width: 100%; max-width: 42rem; font-size: .85rem }
table.heat :is(th, td) { padding: .35rem .1rem; text-align: center; overflow-wrap: normal;
  border: 1px solid var(--paper) }
table.heat thead td { width: 2rem }
table.heat tbody td {
  background: color-mix(in srgb, var(--wrong) calc(var(--s) * 1%), var(--raised)) }
table.heat tbody td.right { font-weight: 600;
  background: color-mix(in srgb, var(--right) calc(var(--s) * 1%), var(--raised)) }
svg rect.bar { fill: var(--right) }
svg rect.off { fill: var(--line) }
svg rect.wrong { fill: var(--wrong) }
.mistakes { display: grid; gap: 1.25rem 1rem; padding: 0;
  grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)) }
figure { margin: 0 } figcaption { font-size: .9rem; line-height: 1.35 }
figure img, figure svg { display: block; width: 8rem; height: auto }
figure svg { margin-top: .4rem } figure svg text { font-size: 11px }
figure svg text.answer { fill: var(--wrong); font-weight: 700 }
figure svg text.label { fill: var(--right); font-weight: 700 }
@media (max-width: 30rem) {
  table.heat { font-size: .65rem } table.heat thead td { width: 1.2rem }
}
"""

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """A horizontal scale of shares from low to high."""

    low: float
    high: float

    @classmethod
    def around(cls, shares: Iterable[float]) -> Self:
        """Return a scale that contains the shares, ends at multiples of 5 % and has a margin."""
        values = list(shares)
        low, high = math.floor(20 * min(values) - 0.2) / 20, math.ceil(20 * max(values) + 0.2) / 20
        return cls(max(low, 0.0), min(high, 1.0))

    def left(self, share: float) -> float:
        """Return the position of a share, in percent of the width."""
        return 100 * (min(max(share, self.low), self.high) - self.low) / (self.high - self.low)

    def band(self, name: str, start: float, end: float) -> str:
        """Return the element that marks a range."""
        style = f"left:{self.left(start):.2f}%;width:{self.left(end) - self.left(start):.2f}%"
        return f'<span class="{name}" style="{style}"></span>'

    def mark(self, name: str, share: float) -> str:
        """Return the element that marks a share."""
        return f'<span class="{name}" style="left:{self.left(share):.2f}%"></span>'

    def strip(self, marks: Iterable[str]) -> str:
        """Return the scale with its marks; screen readers get the numbers from the page's text."""
        step = 5 / (self.high - self.low)  # the width of 5 % of accuracy, in percent
        return (
            f'<div class="strip" style="--step:{step:.3f}%" aria-hidden="true">'
            f"{''.join(marks)}</div>"
        )

    def ends(self) -> str:
        """Return the numbers below the scale: every 5 or 10 % if they fit, else both ends."""
        fives = round(20 * (self.high - self.low))
        step = next(
            (step for step in (1, 2) if fives % step == 0 and fives / step <= MAX_INTERVALS), fives
        )
        shares = [self.low + number / 20 for number in range(0, fives + 1, step)]
        numbers = "".join(f"<span>{share:.0%}</span>" for share in shares)
        return f'<div class="ends" aria-hidden="true">{numbers}</div>'


MAX_INTERVALS = 6  # between the numbers below a scale
DARKEST = 45  # percent of colour in a cell; with more, the number would be hard to read
SIDE = 128  # pixels of an image on the page


def confusion_heatmap(report: EvaluationReport) -> str:
    """Return the confusion matrix; the colour of a cell is its share of the row."""
    names = [escape(name) for name in report.source.names]
    confusion = report.evaluation.confusion
    shares = confusion / confusion.sum(axis=1, keepdims=True).clip(min=1)
    wrong = shares.copy()
    wrong[range(len(wrong)), range(len(wrong))] = 0
    largest = wrong.max() or 1
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    lines = []
    for label, counts in enumerate(confusion.tolist()):
        cells = []
        for answer, count in enumerate(counts):
            right = label == answer
            depth = shares[label, answer] if right else wrong[label, answer] / largest
            name = ' class="right"' if right else ""
            cells.append(f'<td{name} style="--s:{DARKEST * depth:.1f}">{count or ""}</td>')
        lines.append(f'<tr><th scope="row">{names[label]}</th>{"".join(cells)}</tr>')
    return (
        '<table class="heat"><caption>A row is the label, a column the prediction; an empty cell '
        "is 0. Blue is correct, darker for a larger share of the row; orange is wrong, on a scale "
        "of its own.</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def line(panel: Panel, name: str, start: Point, end: Point) -> str:
    """Return a straight line between two points of the data."""
    (x1, y1), (x2, y2) = (panel.place(*point).split(",") for point in (start, end))
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def mistake_figures(report: EvaluationReport, shown: tuple[Mistake, ...]) -> list[str]:
    """Return the images of mistakes, each with the probability of every class."""
    if not shown:
        return ["<p>There are no mistakes.</p>"]
    wrong = len(report.evaluation.mistakes)
    return [
        (
            f"<p>The {len(shown):,} most confident of {wrong:,}. Below each {report.source.noun} "
            f"is the probability of every {report.source.label_noun}: the prediction is orange, "
            "the label is blue.</p>"
        ),
        '<div class="mistakes">',
        *(_figure(report, mistake) for mistake in shown),
        "</div>",
    ]


def shown_row(image: Values, source: Source, *, alt: str) -> str:
    """Return a row of the data as an image, or as numbers if the data is a table."""
    if source.has_images:
        return html.image(png(image, highest=source.highest), alt=alt, side=SIDE)
    return f"<code>{escape(describe_row(image))}</code>"


def _figure(report: EvaluationReport, mistake: Mistake) -> str:
    alt = f"A {mistake.label} that was read as {mistake.answer}"
    image = shown_row(mistake.image, report.source, alt=alt)
    location = escape(report.place(mistake))
    caption = f"{escape(report.describe_mistake(mistake))}<br><span class='soft'>{location}</span>"
    return f"<figure>{image}{_bars(mistake)}<figcaption>{caption}</figcaption></figure>"


def _bars(mistake: Mistake) -> str:
    """Return the probability of every class as a bar above the class number."""
    wide, tall = 12, 36
    shapes = []
    for digit, probability in enumerate(mistake.probabilities.tolist()):
        bar_class = {mistake.answer: "wrong", mistake.label: "bar"}.get(digit, "off")
        text_class = {mistake.answer: "answer", mistake.label: "label"}.get(digit, "")
        height = max(tall * probability, 1)
        shapes.append(
            f'<rect class="{bar_class}" x="{wide * digit + 1}" y="{tall - height:.1f}" '
            f'width="{wide - 2}" height="{height:.1f}"/>'
            f'<text class="{text_class}" x="{wide * digit + wide / 2}" y="{tall + 12}" '
            f'text-anchor="middle">{digit}</text>'
        )
    across = wide * len(mistake.probabilities)
    top = sorted(enumerate(mistake.probabilities.tolist()), key=lambda pair: -pair[1])[:3]
    label = ", ".join(f"{digit} {probability:.1%}" for digit, probability in top)
    return (
        f'<svg viewBox="0 0 {across} {tall + 15}" role="img" aria-label="Probabilities: {label}">'
        f"{''.join(shapes)}</svg>"
    )
