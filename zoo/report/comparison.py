"""The HTML page of a comparison: claims, learning curves, confusion matrices, mistakes, pairs."""

from collections.abc import Mapping, Sequence
from html import escape

from zoo import html as pages
from zoo.analysis.compare import ModelSummary
from zoo.analysis.comparison import Comparison
from zoo.analysis.comparison_rows import NOT_EVALUATED, seeds_words
from zoo.analysis.learning_curves import Curve, curve
from zoo.analysis.statistics import mean_words
from zoo.config.entry import Claim
from zoo.formatting import count, percent, verdict_words
from zoo.report import comparison_tables as tables
from zoo.report.components import STYLE as COMPONENTS_STYLE
from zoo.report.components import Scale, confusion_heatmap, line, mistake_figures
from zoo.svg import BOTTOM, GAP, HEIGHT, TOP, WIDTH, Panel

STYLE = """
main { max-width: 84rem } .wide { font-size: .9rem }
.lead { font-size: 1.15rem }
.claims { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .35rem 1.25rem;
  align-items: center; margin: 1.25rem 0 0 }
.claims .model { line-height: 1.25 } .claims .model b { display: block }
.claims .details { grid-column: 2; font-size: .85rem; color: var(--soft); margin: 0 0 .9rem }
.claims .strip, .claims .ends { margin: 0 } .claims .ends { grid-column: 2 }
.verdict { display: inline-block; font-size: .8rem; padding: 0 .5rem; border-radius: 1rem;
  border: 1px solid currentColor }
.verdict.missed { color: var(--wrong) } .verdict.reproduced, .verdict.beaten { color: var(--right) }
.verdict.none { color: var(--soft) }
.strip .seed { top: .55rem; bottom: .55rem; border-left: 1px solid var(--ink); opacity: .35 }
.strip .mean { top: .7rem; bottom: auto; width: 1rem; height: 1rem; margin-left: -.5rem;
  border-radius: 50%; background: var(--right); border: 2px solid var(--paper) }
.strip .now { top: .9rem; bottom: auto; width: .6rem; height: .6rem; margin-left: -.3rem;
  transform: rotate(45deg); border: 2px solid var(--ink); background: var(--paper) }
svg polyline { fill: none; stroke-width: 2; stroke: var(--right); stroke-linejoin: round }
svg polygon { fill: var(--right); fill-opacity: .22 }
svg line.claim { stroke: var(--wrong); stroke-width: 1.5; stroke-dasharray: 5 4 }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem }
details { margin: .75rem 0 } summary { cursor: pointer; padding: .25rem 0 }
pre { font-size: .9rem }
@media (max-width: 40rem) {
  .claims { grid-template-columns: 1fr } .claims .details, .claims .ends { grid-column: 1 }
}
@media (max-width: 30rem) { .diagrams svg text { font-size: 15px } }
"""

NO_EVALUATION = f'<p class="soft">{NOT_EVALUATED}</p>'


def html(
    comparison: Comparison, *, mistakes: int, command: str, versions: Mapping[str, str | None]
) -> str:
    """Return the page, with the given number of mistakes per model; `command` recreates it."""
    summaries, pairs = comparison.summaries, comparison.pairs
    names = [summary.name for summary in summaries]
    return pages.page(
        f"zoo compare: {', '.join(names)}",
        [
            "<h1>Claimed and measured accuracy</h1>",
            f'<p class="lead">{_summary(summaries)}</p>',
            *_claims(summaries),
            "<h2>Table</h2>",
            *tables.models(comparison),
            "<h2>Learning curves</h2>",
            *_curves(summaries),
            "<h2>Confusion matrices</h2>",
            *_confusions(summaries),
            "<h2>Recall and precision by class</h2>",
            tables.classes(summaries) or NO_EVALUATION,
            "<h2>Most confident mistakes</h2>",
            *_mistakes(summaries, mistakes),
            *(["<h2>Pairs</h2>"] if pairs else []),
            *(part for pair in pairs for part in tables.pair(pair, n_pairs=len(pairs))),
            "<h2>Settings that differ</h2>",
            tables.settings(summaries),
            *tables.baselines(comparison.baselines),
            "<h2>Reproduction</h2>",
            *tables.reproduction(summaries, command, versions),
        ],
        style=COMPONENTS_STYLE + STYLE,
    )


def _summary(summaries: Sequence[ModelSummary]) -> str:
    verdicts = [summary.verdict for summary in summaries]
    n_claims = len(verdicts) - verdicts.count(None)
    if not n_claims:
        return "None of these models has both a claim and results."
    counted = [
        f"{verdicts.count(verdict)} {verdict_words(verdict)}"
        for verdict in ("reproduced", "beaten", "missed")
    ]
    return f"Of {count(n_claims, 'claim')}: {', '.join(counted)}."


def _claims(summaries: Sequence[ModelSummary]) -> list[str]:
    """Return a row for each model on one scale: claim, seeds, mean and evaluated weights."""
    shares = [share for summary in summaries for share in _shares(summary)]
    if not shares:
        return ["<p>There are no results yet; add <code>--train</code>.</p>"]
    scale = Scale.around(shares)
    rows = [part for summary in summaries for part in _claim(summary, scale)]
    return [
        f'<div class="claims">{"".join(rows)}{scale.ends()}</div>',
        (
            '<p class="key"><b class="measured">●</b> the mean over the seeds, with its 95% '
            "interval &#160; │ a seed &#160; ◇ the evaluated weights &#160; "
            '<b class="claim">┆</b> the README’s claim, with its tolerance</p>'
        ),
    ]


def _shares(summary: ModelSummary) -> list[float]:
    """Return all accuracies of a model that the scale must include."""
    claim, mean = summary.entry.claim, summary.summary
    shares = [result.accuracy for result in summary.results]
    if claim:
        shares += [claim.value - claim.tolerance, claim.value + claim.tolerance]
    if mean and mean.low is not None and mean.high is not None and mean.n > 2:
        shares += [mean.low, mean.high]
    if summary.evaluation:
        shares.append(summary.evaluation.evaluation.accuracy)
    return shares


def _claim(summary: ModelSummary, scale: Scale) -> list[str]:
    claim, mean = summary.entry.claim, summary.summary
    marks, phrases = [], []
    if claim:
        marks.append(scale.band("tolerance", *_band(claim)))
        phrases.append(f"claimed {percent(claim.value, 2)} on {claim.split}")
    marks += [scale.mark("seed", result.accuracy) for result in summary.results]
    if mean and mean.low is not None and mean.high is not None:
        marks.append(scale.band("interval", mean.low, mean.high))
    if claim:
        marks.append(scale.mark("claim", claim.value))
    if mean:
        marks.append(scale.mark("mean", mean.mean))
        phrases.append(f"reached {mean_words(mean)} (seeds: {seeds_words(summary)})")
    if summary.evaluation:
        marks.append(scale.mark("now", summary.evaluation.evaluation.accuracy))
        phrases.append(f"the weights reach {percent(summary.evaluation.evaluation.accuracy, 2)}")
    verdict = verdict_words(summary.verdict) if summary.verdict else "no verdict"
    badge = f'<span class="verdict {summary.verdict or "none"}">{verdict}</span>'
    return [
        f'<div class="model"><b>{escape(summary.name)}</b>{badge}</div>',
        scale.strip(marks),
        f'<p class="details">{escape("; ".join(phrases) or "no results")}</p>',
    ]


def _band(claim: Claim) -> tuple[float, float]:
    return claim.value - claim.tolerance, claim.value + claim.tolerance


def _curves(summaries: Sequence[ModelSummary]) -> list[str]:
    curves = [(summary, curve(summary)) for summary in summaries]
    diagrams = [_diagram(summary, learning) for summary, learning in curves if learning]
    parts = []
    if diagrams:
        parts = [
            (
                "<p>The line is the mean over the seeds, the band is from the worst to the best "
                "seed, and the dashed line is the README’s claim.</p>"
            ),
            f'<div class="diagrams">{"".join(diagrams)}</div>',
        ]
    if without := [escape(summary.name) for summary, learning in curves if not learning]:
        parts.append(
            f'<p class="soft">There is no local run of {", ".join(without)}, so there is no curve; '
            "add <code>--train</code>.</p>"
        )
    return parts


def _diagram(summary: ModelSummary, learning: Curve) -> str:
    """Return the learning curve of a model as SVG."""
    lows, highs = [p.low for p in learning.points], [p.high for p in learning.points]
    claim = summary.entry.claim
    if claim and claim.split != learning.split:
        claim = None
    scale = Scale.around([*lows, *highs, *([claim.value] if claim else [])])
    last = learning.points[-1]
    panel = Panel(GAP, max(last.number, 1), 100 * scale.low, 100 * scale.high)
    seeds = count(learning.seeds, "seed")
    shapes = panel.axes(f"{summary.name}, {learning.split}, %", f"{learning.unit}s, {seeds}")
    lower = [panel.place(point.number, 100 * point.low) for point in learning.points]
    upper = [panel.place(point.number, 100 * point.high) for point in reversed(learning.points)]
    shapes.append(f'<polygon points="{" ".join([*lower, *upper])}"/>')
    if claim:
        level = 100 * claim.value
        shapes.append(line(panel, "claim", (0, level), (panel.end, level)))
    shapes.append(
        panel.line([(point.number, 100 * point.mean) for point in learning.points], "mean")
    )
    across, down = GAP + WIDTH + 20, TOP + HEIGHT + BOTTOM
    top = TOP - 30
    label = (
        f"Accuracy of {summary.name} on {learning.split} over {last.number} {learning.unit}s: "
        f"{percent(learning.points[0].mean, 1)} at first, {percent(last.mean, 1)} at the end"
    )
    return (
        f'<svg viewBox="0 {top} {across} {down - top}" width="{across}" height="{down - top}" '
        f'role="img" aria-label="{escape(label)}">{"".join(shapes)}</svg>'
    )


def _confusions(summaries: Sequence[ModelSummary]) -> list[str]:
    parts: list[str] = []
    for summary in summaries:
        if summary.evaluation is None:
            continue
        scores = summary.evaluation.evaluation
        wrong = len(scores.mistakes)
        is_open = "" if parts else " open"
        parts.append(
            f"<details{is_open}><summary><b>{escape(summary.name)}</b>: {wrong:,} of {scores.n:,} "
            f"{escape(summary.item.split)} {summary.evaluation.source.noun}s are misclassified"
            f"</summary>{confusion_heatmap(summary.evaluation)}</details>"
        )
    return parts or [NO_EVALUATION]


def _mistakes(summaries: Sequence[ModelSummary], number: int) -> list[str]:
    parts = []
    for summary in summaries:
        if report := summary.evaluation:
            shown = report.evaluation.mistakes[:number]
            parts += [f"<h3>{escape(summary.name)}</h3>", *mistake_figures(report, shown)]
    return parts or [NO_EVALUATION]
