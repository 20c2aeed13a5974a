"""An evaluation as one page: the claim, every digit, the confusion, the worst mistakes."""

from collections.abc import Mapping
from html import escape

from zoo import html as pages
from zoo.analysis.evaluate import Evaluation, EvaluationReport
from zoo.analysis.statistics import wilson
from zoo.nn.metrics import Bin
from zoo.report.components import STYLE as PIECES
from zoo.report.components import Scale, confusion_heatmap, line, mistake_figures
from zoo.svg import BOTTOM, GAP, HEIGHT, TOP, WIDTH, Panel

STYLE = """
.number { font-size: 3rem; font-weight: 600; line-height: 1.1; margin: 1.5rem 0 0 }
.warning { border-left: 4px solid var(--wrong); padding-left: .75rem }
.diagrams rect.bar { fill-opacity: .6 }
svg line.ideal { stroke: var(--ink); stroke-dasharray: 5 4 }
svg line.whisker { stroke: var(--ink) }
@media (max-width: 30rem) {
  .number { font-size: 2.5rem }
}
"""


def html(
    judged: EvaluationReport,
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
            pages.key_values(_facts(judged, changed)),
            f"<h2>Each {judged.source.label_noun}</h2>",
            _classes(judged),
            "<h2>What was taken for what</h2>",
            confusion_heatmap(judged),
            "<h2>Is it as sure as it may be?</h2>",
            *_calibration(found),
            "<h2>The worst mistakes</h2>",
            *mistake_figures(judged, found.mistakes[:mistakes]),
            "<h2>The same again</h2>",
            f"<pre><code>{escape(command)}</code></pre>",
            pages.key_values(_versions(judged, versions)),
        ],
        style=PIECES + STYLE,
    )


def _head(judged: EvaluationReport) -> list[str]:
    about = f"the {judged.split} split of {judged.source.title}"
    if judged.facts:
        entry = judged.facts.entry
        about = f"{entry.architecture}, {entry.describe_parameters} parameters, on {about}"
    warning = [f'<p class="warning">{escape(judged.warning)}</p>'] if judged.warning else []
    return [
        f"<h1>{escape(judged.name)}</h1>",
        f'<p class="soft">{escape(about)}</p>',
        *warning,
    ]


def _claim(judged: EvaluationReport) -> list[str]:
    """Return the accuracy as a number and on a scale, beside the claim if it is of this split."""
    found = judged.evaluation
    claim = judged.claim if judged.verdict else None
    right = int(found.confusion.trace())
    edges = [found.low, found.high]
    if claim:
        edges += [claim.value - claim.tolerance, claim.value + claim.tolerance]
    scale = Scale.around(edges)
    marks = [scale.band("interval", found.low, found.high)]
    key = [f'<b class="ours">●</b> here, with its 95% interval {_range(found.low, found.high)}']
    if claim:
        marks.insert(0, scale.band("tolerance", *edges[2:]))
        marks.append(scale.mark("claim", claim.value))
        key.append(
            f'<b class="claim">┆</b> the README’s {claim.value:.2%}, '
            f"give or take {claim.tolerance:.2%}"
        )
    marks.append(scale.mark("here", found.accuracy))
    return [
        f'<p class="number">{found.accuracy:.2%}</p>',
        f"<p>{right:,} of {found.n:,} {judged.source.noun}s are read right.</p>",
        scale.strip(marks),
        scale.ends(),
        f'<p class="key">{" &#160; ".join(key)}</p>',
    ]


def _range(low: float, high: float) -> str:
    return f"{low:.2%} to {high:.2%}"


def _facts(judged: EvaluationReport, changed: str) -> list[tuple[str, str]]:
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


def _classes(judged: EvaluationReport) -> str:
    found, source = judged.evaluation, judged.source
    rows = [
        (
            source.names[one.label],
            f"{one.n:,}",
            f"{one.precision:.1%}" if one.answered else "–",
            f"{one.recall:.1%}" if one.n else "–",
            f"{one.f1:.1%}" if one.n + one.answered else "–",
        )
        for one in found.per_class
    ]
    return pages.table(
        f"Precision: of those taken for this {source.label_noun}, the share that is one. "
        f"Recall: of those that are this {source.label_noun}, the share that was found. "
        "F1: their harmonic mean.",
        (source.label_noun, f"{source.noun}s", "precision", "recall", "F1"),
        rows,
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
        drawn.append(line(panel, "ideal", (0, 0), (100, 100)))
        for one, _ in bars:
            middle = 50 * (one.low + one.high)
            low, high = wilson(round(one.accuracy * one.n), one.n)
            drawn.append(line(panel, "whisker", (middle, 100 * low), (middle, 100 * high)))
    across, down = GAP + WIDTH + 20, TOP + HEIGHT + BOTTOM
    top = TOP - 30  # the space above is for the title of two panels
    return (
        f'<svg viewBox="0 {top} {across} {down - top}" width="{across}" height="{down - top}" '
        f'role="img" aria-label="{escape(meaning)}">{"".join(drawn)}</svg>'
    )


def _versions(
    judged: EvaluationReport, versions: Mapping[str, str | None]
) -> list[tuple[str, str]]:
    rows = [("Data", f"SHA-256 {judged.digest}")]
    if judged.facts:
        rows += [
            ("Weights", f"SHA-256 {judged.facts.digest}"),
            ("Seed", f"{judged.facts.seed}, trained with zoo {judged.facts.zoo}"),
        ]
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [*rows, ("Judged with", named)]
