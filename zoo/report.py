"""An evaluation as one page: the claim, every digit, the confusion, the worst mistakes."""

import math
from collections.abc import Mapping
from html import escape

from zoo import pages
from zoo.curves import BOTTOM, GAP, HEIGHT, TOP, WIDTH, Panel
from zoo.evaluate import Evaluation, Judgement, Mistake
from zoo.metrics import Bin
from zoo.png import png
from zoo.statistics import wilson

STYLE = """
.number { font-size: 3rem; font-weight: 600; line-height: 1.1; margin: 1.5rem 0 0 }
.strip { position: relative; height: 2.5rem; margin: 1.25rem 0 0; background: var(--raised);
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
.warning { border-left: 4px solid var(--wrong); padding-left: .75rem }
table.heat { table-layout: fixed; width: 100%; max-width: 42rem; font-size: .85rem }
table.heat :is(th, td) { padding: .35rem .1rem; text-align: center; overflow-wrap: normal;
  border: 1px solid var(--paper) }
table.heat thead td { width: 2rem }
table.heat tbody td {
  background: color-mix(in srgb, var(--wrong) calc(var(--s) * 1%), var(--raised)) }
table.heat tbody td.right { font-weight: 600;
  background: color-mix(in srgb, var(--right) calc(var(--s) * 1%), var(--raised)) }
.diagrams { display: flex; flex-wrap: wrap; gap: 1rem }
.diagrams svg { flex: 1 1 18rem; max-width: 27rem }
svg rect.bar { fill: var(--right) } .diagrams rect.bar { fill-opacity: .6 }
svg rect.off { fill: var(--line) }
svg rect.wrong { fill: var(--wrong) }
svg line.ideal { stroke: var(--ink); stroke-dasharray: 5 4 }
svg line.whisker { stroke: var(--ink) }
.mistakes { display: grid; gap: 1.25rem 1rem; padding: 0;
  grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)) }
figure { margin: 0 } figcaption { font-size: .9rem; line-height: 1.35 }
figure img, figure svg { display: block; width: 8rem; height: auto }
figure svg { margin-top: .4rem } figure svg text { font-size: 11px }
figure svg text.answer { fill: var(--wrong); font-weight: 700 }
figure svg text.label { fill: var(--right); font-weight: 700 }
@media (max-width: 30rem) {
  table.heat { font-size: .65rem } table.heat thead td { width: 1.2rem }
  .number { font-size: 2.5rem }
}
"""

Point = tuple[float, float]

DARKEST = 45  # percent of colour in a cell: with more of it, the number would be hard to read
SIDE = 128  # of a picture on the page


def html(
    judged: Judgement,
    *,
    mistakes: int,
    command: str,
    versions: Mapping[str, str | None],
    changed: str = "",
) -> str:
    """Return the page, with so many of the worst mistakes.

    `command` makes the page again, `changed` says what was changed of the entry's recipe.
    """
    found = judged.evaluation
    return pages.page(
        f"{judged.name} on {judged.split}",
        [
            *_head(judged),
            *_claim(judged),
            pages.words(_facts(judged, changed)),
            "<h2>Each digit</h2>",
            _classes(found),
            "<h2>What was taken for what</h2>",
            _heat(found),
            "<h2>Is it as sure as it may be?</h2>",
            *_calibration(found),
            "<h2>The worst mistakes</h2>",
            *_mistakes(judged, found.mistakes[:mistakes]),
            "<h2>The same again</h2>",
            f"<pre><code>{escape(command)}</code></pre>",
            pages.words(_versions(judged, versions)),
        ],
        style=STYLE,
    )


def _head(judged: Judgement) -> list[str]:
    about = f"the {judged.split} split of {judged.source.title}"
    if judged.facts:
        entry = judged.facts.entry
        about = f"{entry.shape}, {entry.parameters:,} parameters, on {about}"
    warning = [f'<p class="warning">{escape(judged.doubt)}</p>'] if judged.doubt else []
    return [
        f"<h1>{escape(judged.name)}</h1>",
        f'<p class="soft">{escape(about)}</p>',
        *warning,
    ]


def _claim(judged: Judgement) -> list[str]:
    """Return the accuracy as a number and on a scale, beside the claim if it is of this split."""
    found = judged.evaluation
    claim = judged.claim if judged.verdict else None
    right = int(found.confusion.trace())
    edges = [found.low, found.high]
    if claim:
        edges += [claim.value - claim.tolerance, claim.value + claim.tolerance]
    low, high = _round_range(min(edges), max(edges))

    def left(share: float) -> float:
        return 100 * (min(max(share, low), high) - low) / (high - low)

    def span(name: str, start: float, end: float) -> str:
        place = f"left:{left(start):.2f}%;width:{left(end) - left(start):.2f}%"
        return f'<span class="{name}" style="{place}"></span>'

    marks = [span("interval", found.low, found.high)]
    key = [f'<b class="ours">●</b> here, with its 95% interval {_range(found.low, found.high)}']
    if claim:
        marks.insert(0, span("tolerance", claim.value - claim.tolerance, edges[-1]))
        marks.append(f'<span class="claim" style="left:{left(claim.value):.2f}%"></span>')
        key.append(
            f'<b class="claim">┆</b> the README’s {claim.value:.2%}, '
            f"give or take {claim.tolerance:.2%}"
        )
    marks.append(f'<span class="here" style="left:{left(found.accuracy):.2f}%"></span>')
    return [
        f'<p class="number">{found.accuracy:.2%}</p>',
        f"<p>{right:,} of {found.n:,} pictures are read right.</p>",
        f'<div class="strip" aria-hidden="true">{"".join(marks)}</div>',
        f'<div class="ends" aria-hidden="true"><span>{low:.0%}</span><span>{high:.0%}</span></div>',
        f'<p class="key">{" &#160; ".join(key)}</p>',
    ]


def _round_range(low: float, high: float) -> tuple[float, float]:
    """Return the nearest multiples of 5 % that leave some room on both sides, within 0 to 100 %."""
    return max(math.floor(20 * low - 0.2) / 20, 0.0), min(math.ceil(20 * high + 0.2) / 20, 1.0)


def _range(low: float, high: float) -> str:
    return f"{low:.2%} to {high:.2%}"


def _facts(judged: Judgement, changed: str) -> list[tuple[str, str]]:
    found, claim, recorded = judged.evaluation, judged.claim, judged.recorded
    rows = []
    if changed:
        rows.append(("Changed", changed))
    if claim:
        verdict = judged.verdict or f"not judged here; `--split {claim.split}` judges it"
        rows.append(("README", f"{claim.value:.2%} on {claim.split}: {verdict}. “{claim.quote}”"))
    if recorded:
        same = "the same" if judged.is_as_recorded else "which differs"
        rows.append(("Recorded", f"{recorded.accuracy:.2%} by its training, {same}"))
    if judged.reason:
        rows.append(("Split", f"{judged.split}: {judged.reason}"))
    return [
        *rows,
        ("Loss", f"{found.loss:.4f}, the mean cross-entropy"),
        ("Sureness", f"off by {found.calibration_error:.2%} on average"),
        ("Data", judged.data),
    ]


def _classes(found: Evaluation) -> str:
    rows = [
        (
            str(one.label),
            f"{one.n:,}",
            f"{one.precision:.1%}" if one.answered else "–",
            f"{one.recall:.1%}" if one.n else "–",
            f"{one.f1:.1%}" if one.n + one.answered else "–",
        )
        for one in found.per_class
    ]
    return pages.table(
        "Precision: of those taken for this digit, the share that is one. Recall: of those that "
        "are this digit, the share that was found. F1: their harmonic mean.",
        ("digit", "pictures", "precision", "recall", "F1"),
        rows,
    )


def _heat(found: Evaluation) -> str:
    """Return the confusion matrix, each cell the darker the larger its share of the row."""
    shares = found.confusion / found.confusion.sum(axis=1, keepdims=True).clip(min=1)
    wrong = shares.copy()
    wrong[range(len(wrong)), range(len(wrong))] = 0
    most = wrong.max() or 1
    head = "".join(f'<th scope="col">{one.label}</th>' for one in found.per_class)
    lines = []
    for label, counts in enumerate(found.confusion.tolist()):
        cells = []
        for answer, count in enumerate(counts):
            hit = label == answer
            depth = shares[label, answer] if hit else wrong[label, answer] / most
            name = ' class="right"' if hit else ""
            cells.append(f'<td{name} style="--s:{DARKEST * depth:.1f}">{count or ""}</td>')
        lines.append(f'<tr><th scope="row">{label}</th>{"".join(cells)}</tr>')
    return (
        '<table class="heat"><caption>A row is the truth, a column the answer; an empty cell '
        "never happened. Blue is right, the darker the larger its share of the row; orange is "
        "wrong, on a scale of its own.</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _calibration(found: Evaluation) -> list[str]:
    filled = [one for one in found.calibration if one.n]
    rows = [
        (
            f"{_range(one.low, one.high)}",
            f"{one.n:,}",
            f"{one.confidence:.1%}",
            f"{one.accuracy:.1%}",
        )
        for one in filled
    ]
    return [
        (
            "<p>Of the answers that are 80% sure, 80% should be right: then the bars on the left "
            "end on the dashed line, give or take the 95% interval that each bears. On the right "
            "stands how many answers are as sure.</p>"
        ),
        '<div class="diagrams">',
        _diagram(
            "Right, %",
            "Of the answers in each bin of sureness, the share that is right",
            [(one, 100 * one.accuracy) for one in filled],
            highest=100,
            shares=True,
        ),
        _diagram(
            "Answers",
            "The number of answers in each bin of sureness",
            [(one, float(one.n)) for one in filled],
            highest=max(one.n for one in filled),
            shares=False,
        ),
        "</div>",
        "<details><summary>The same in numbers</summary>",
        pages.table(
            "Bins of the largest probability, without those that are empty",
            ("largest probability", "answers", "its mean", "right"),
            rows,
        ),
        "</details>",
    ]


def _diagram(
    title: str, meaning: str, bars: list[tuple[Bin, float]], *, highest: float, shares: bool
) -> str:
    """Return bars over how sure the answers are; shares have 95% intervals."""
    panel = Panel(GAP, 100, 0, highest)
    drawn = panel.axes(title, "largest probability, %")
    for one, height in bars:
        x, y = panel.place(100 * one.low, height).split(",")
        end, ground = panel.place(100 * one.high, 0).split(",")
        wide, tall = float(end) - float(x) - 1, float(ground) - float(y)
        drawn.append(f'<rect class="bar" x="{x}" y="{y}" width="{wide:.1f}" height="{tall:.1f}"/>')
    if shares:
        drawn.append(_line(panel, "ideal", (0, 0), (100, 100)))
        for one, _ in bars:
            middle = 50 * (one.low + one.high)
            low, high = wilson(round(one.accuracy * one.n), one.n)
            drawn.append(_line(panel, "whisker", (middle, 100 * low), (middle, 100 * high)))
    across, down = GAP + WIDTH + 20, TOP + HEIGHT + BOTTOM
    top = TOP - 30  # the space above is for the title of two panels
    return (
        f'<svg viewBox="0 {top} {across} {down - top}" width="{across}" height="{down - top}" '
        f'role="img" aria-label="{escape(meaning)}">{"".join(drawn)}</svg>'
    )


def _line(panel: Panel, name: str, start: Point, end: Point) -> str:
    (x1, y1), (x2, y2) = (panel.place(*point).split(",") for point in (start, end))
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _mistakes(judged: Judgement, shown: tuple[Mistake, ...]) -> list[str]:
    if not shown:
        return ["<p>There is none.</p>"]
    wrong = len(judged.evaluation.mistakes)
    return [
        (
            f"<p>The surest {len(shown):,} of {wrong:,}. Below each picture the probability of "
            "every digit: orange what was answered, blue what it is.</p>"
        ),
        '<div class="mistakes">',
        *(_figure(judged, one) for one in shown),
        "</div>",
    ]


def _figure(judged: Judgement, one: Mistake) -> str:
    image = pages.picture(
        png(one.image, highest=judged.source.highest),
        alt=f"A {one.label} that was read as {one.answer}",
        side=SIDE,
    )
    caption = f"{escape(one.words)}<br><span class='soft'>{escape(judged.place(one))}</span>"
    return f"<figure>{image}{_bars(one)}<figcaption>{caption}</figcaption></figure>"


def _bars(one: Mistake) -> str:
    """Return the probability of every digit as a bar above it."""
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


def _versions(judged: Judgement, versions: Mapping[str, str | None]) -> list[tuple[str, str]]:
    rows = [("Data", f"SHA-256 {judged.digest}")]
    if judged.facts:
        rows += [
            ("Weights", f"SHA-256 {judged.facts.digest}"),
            ("Seed", f"{judged.facts.seed}, trained with zoo {judged.facts.zoo}"),
        ]
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [*rows, ("Judged with", named)]
