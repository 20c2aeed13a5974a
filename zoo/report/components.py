"""Pieces that stand on both pages: the confusion matrix, the worst mistakes, lines of a diagram."""

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
.strip .here { top: .7rem; bottom: auto; width: 1rem; height: 1rem; margin-left: -.5rem;
  border-radius: 50%; background: var(--right); border: 2px solid var(--paper) }
.ends { display: flex; justify-content: space-between; font-size: .8rem; color: var(--soft) }
.key { font-size: .9rem; margin: .5rem 0 1.25rem }
.key b.ours { color: var(--right) } .key b.claim { color: var(--wrong) }
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
    """A stretch of shares from left to right, on which several are shown beside each other."""

    low: float
    high: float

    @classmethod
    def around(cls, shares: Iterable[float]) -> Self:
        """Return the nearest multiples of 5 % that leave some room, within 0 to 100 %."""
        known = list(shares)
        low, high = math.floor(20 * min(known) - 0.2) / 20, math.ceil(20 * max(known) + 0.2) / 20
        return cls(max(low, 0.0), min(high, 1.0))

    def left(self, share: float) -> float:
        """Return how far to the right a share lies, in percent."""
        return 100 * (min(max(share, self.low), self.high) - self.low) / (self.high - self.low)

    def band(self, name: str, start: float, end: float) -> str:
        """Return a stretch of the scale."""
        place = f"left:{self.left(start):.2f}%;width:{self.left(end) - self.left(start):.2f}%"
        return f'<span class="{name}" style="{place}"></span>'

    def mark(self, name: str, share: float) -> str:
        """Return a place on the scale."""
        return f'<span class="{name}" style="left:{self.left(share):.2f}%"></span>'

    def strip(self, marks: Iterable[str]) -> str:
        """Return the scale with what is on it; the numbers stand elsewhere too."""
        step = 5 / (self.high - self.low)  # percent of the width that 5 % of accuracy take
        return (
            f'<div class="strip" style="--step:{step:.3f}%" aria-hidden="true">'
            f"{''.join(marks)}</div>"
        )

    def ends(self) -> str:
        """Return the numbers below it: every 5 or 10 % where they have room, else both ends."""
        fives = round(20 * (self.high - self.low))
        step = next(
            (step for step in (1, 2) if fives % step == 0 and fives / step <= MAX_MISTAKES), fives
        )
        shares = [self.low + place / 20 for place in range(0, fives + 1, step)]
        numbers = "".join(f"<span>{share:.0%}</span>" for share in shares)
        return f'<div class="ends" aria-hidden="true">{numbers}</div>'


MAX_MISTAKES = 6  # stretches between numbers below a scale
DARKEST = 45  # percent of colour in a cell: with more of it, the number would be hard to read
SIDE = 128  # of a picture on the page


def confusion_heatmap(judged: EvaluationReport) -> str:
    """Return the confusion matrix, each cell the darker the larger its share of the row."""
    found, names = judged.evaluation, [escape(name) for name in judged.source.names]
    shares = found.confusion / found.confusion.sum(axis=1, keepdims=True).clip(min=1)
    wrong = shares.copy()
    wrong[range(len(wrong)), range(len(wrong))] = 0
    most = wrong.max() or 1
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    lines = []
    for label, counts in enumerate(found.confusion.tolist()):
        cells = []
        for answer, count in enumerate(counts):
            hit = label == answer
            depth = shares[label, answer] if hit else wrong[label, answer] / most
            name = ' class="right"' if hit else ""
            cells.append(f'<td{name} style="--s:{DARKEST * depth:.1f}">{count or ""}</td>')
        lines.append(f'<tr><th scope="row">{names[label]}</th>{"".join(cells)}</tr>')
    return (
        '<table class="heat"><caption>A row is the truth, a column the answer; an empty cell '
        "never happened. Blue is right, the darker the larger its share of the row; orange is "
        "wrong, on a scale of its own.</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def line(panel: Panel, name: str, start: Point, end: Point) -> str:
    """Return a straight line between two points of the data."""
    (x1, y1), (x2, y2) = (panel.place(*point).split(",") for point in (start, end))
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def mistake_figures(judged: EvaluationReport, shown: tuple[Mistake, ...]) -> list[str]:
    """Return mistakes as pictures, each with the probability of every digit."""
    if not shown:
        return ["<p>There is none.</p>"]
    wrong = len(judged.evaluation.mistakes)
    return [
        (
            f"<p>The surest {len(shown):,} of {wrong:,}. Below each {judged.source.noun} the "
            f"probability of every {judged.source.label_noun}: orange what was answered, blue "
            "what it is.</p>"
        ),
        '<div class="mistakes">',
        *(_figure(judged, one) for one in shown),
        "</div>",
    ]


def shown_row(image: Values, source: Source, *, alt: str) -> str:
    """Return a picture, or the numbers of a table's row."""
    if source.has_images:
        return html.image(png(image, highest=source.highest), alt=alt, side=SIDE)
    return f"<code>{escape(describe_row(image))}</code>"


def _figure(judged: EvaluationReport, one: Mistake) -> str:
    alt = f"A {one.label} that was read as {one.answer}"
    image = shown_row(one.image, judged.source, alt=alt)
    place = escape(judged.place(one))
    caption = f"{escape(judged.describe_mistake(one))}<br><span class='soft'>{place}</span>"
    return f"<figure>{image}{_bars(one)}<figcaption>{caption}</figcaption></figure>"


def _bars(one: Mistake) -> str:
    """Return the probability of every class as a bar above its number."""
    wide, tall = 12, 36
    drawn = []
    for digit, probability in enumerate(one.probabilities.tolist()):
        name = {one.answer: "wrong", one.label: "bar"}.get(digit, "off")
        word = {one.answer: "answer", one.label: "label"}.get(digit, "")
        height = max(tall * probability, 1)
        drawn.append(
            f'<rect class="{name}" x="{wide * digit + 1}" y="{tall - height:.1f}" '
            f'width="{wide - 2}" height="{height:.1f}"/>'
            f'<text class="{word}" x="{wide * digit + wide / 2}" y="{tall + 12}" '
            f'text-anchor="middle">{digit}</text>'
        )
    across = wide * len(one.probabilities)
    surest = sorted(enumerate(one.probabilities.tolist()), key=lambda pair: -pair[1])[:3]
    said = ", ".join(f"{digit} {probability:.1%}" for digit, probability in surest)
    return (
        f'<svg viewBox="0 0 {across} {tall + 15}" role="img" aria-label="Probabilities: {said}">'
        f"{''.join(drawn)}</svg>"
    )
