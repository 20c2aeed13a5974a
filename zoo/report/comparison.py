"""The HTML page of a comparison: claims, learning curves, confusion matrices, mistakes, pairs."""

from collections.abc import Mapping, Sequence
from html import escape

from zoo import html as pages
from zoo.analysis.compare import ModelSummary
from zoo.analysis.comparison import Comparison
from zoo.analysis.comparison_rows import NOT_EVALUATED, seeds_words
from zoo.analysis.learning_curves import Curve, curve
from zoo.analysis.statistics import mean_words
from zoo.formatting import count, percent, verdict_words
from zoo.report import comparison_tables as tables
from zoo.report import confusion, intervals
from zoo.report.mistakes import STYLE as MISTAKES_STYLE
from zoo.report.mistakes import mistake_figures
from zoo.svg.axis import Axis
from zoo.svg.figure import Figure

STYLE = """
main { max-width: 84rem } .wide { font-size: .9rem }
.lead { font-size: 1.15rem }
.intervals .name b { display: block }
.verdict { display: inline-block; font-size: .8rem; padding: 0 .5rem; border-radius: 1rem;
  border: 1px solid currentColor }
.verdict.missed { color: var(--wrong) } .verdict.reproduced, .verdict.beaten { color: var(--right) }
.verdict.none { color: var(--soft) }
.diagrams { display: flex; flex-wrap: wrap; gap: 1rem }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem }
details { margin: .75rem 0 } summary { cursor: pointer; padding: .25rem 0 }
pre { font-size: .9rem }
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
        style=intervals.STYLE + confusion.STYLE + MISTAKES_STYLE + STYLE,
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
    """Return a row for each model on one axis: claim, seeds, mean and evaluated weights."""
    accuracies = [accuracy for summary in summaries for accuracy in _accuracies(summary)]
    if not accuracies:
        return ["<p>There are no results yet; add <code>--train</code>.</p>"]
    axis = Axis.around(accuracies, "accuracy on the split of the claim, %", within=(0, 100))
    return [
        intervals.figure(axis, [_claim(summary, axis) for summary in summaries]),
        (
            '<p class="key"><b class="measured">●</b> the mean over the seeds, with its 95% '
            "interval &#160; │ a seed &#160; ○ the evaluated weights &#160; "
            '<b class="claim">┆</b> the original’s claim, with its tolerance</p>'
        ),
    ]


def _accuracies(summary: ModelSummary) -> list[float]:
    """Return all accuracies of a model that the axis must include, in percent."""
    claim, mean = summary.entry.claim, summary.summary
    accuracies = [100 * result.accuracy for result in summary.results]
    if claim:
        accuracies += intervals.claimed(claim)
    if mean and mean.low is not None and mean.high is not None and mean.n > 2:
        accuracies += [100 * mean.low, 100 * mean.high]
    if summary.evaluation:
        accuracies.append(100 * summary.evaluation.evaluation.accuracy)
    return accuracies


def _claim(summary: ModelSummary, axis: Axis) -> intervals.Row:
    claim, mean = summary.entry.claim, summary.summary
    marks, phrases = [], []
    if claim:
        marks += intervals.claim_marks(axis, claim)
        phrases.append(f"claimed {percent(claim.value, 2)} on {claim.split}")
    seeds = [100 * result.accuracy for result in summary.results]
    marks += [intervals.line(axis, accuracy, "ink faint") for accuracy in seeds]
    if mean and mean.low is not None and mean.high is not None:
        marks.append(intervals.bar(axis, 100 * mean.low, 100 * mean.high, "blue"))
    if mean:
        marks.append(intervals.dot(axis, 100 * mean.mean, "blue"))
        phrases.append(f"reached {mean_words(mean)} (seeds: {seeds_words(summary)})")
    if summary.evaluation:
        accuracy = summary.evaluation.evaluation.accuracy
        marks.append(intervals.dot(axis, 100 * accuracy, "hollow", radius=4))
        phrases.append(f"the weights reach {percent(accuracy, 2)}")
    verdict = verdict_words(summary.verdict) if summary.verdict else "no verdict"
    badge = f'<span class="verdict {summary.verdict or "none"}">{verdict}</span>'
    name = f"<b>{escape(summary.name)}</b>{badge}"
    return intervals.Row(name, marks, "; ".join(phrases) or "no results")


def _curves(summaries: Sequence[ModelSummary]) -> list[str]:
    curves = [(summary, curve(summary)) for summary in summaries]
    diagrams = [_diagram(summary, learning) for summary, learning in curves if learning]
    parts = []
    if diagrams:
        parts = [
            (
                "<p>The line is the mean over the seeds, the band is from the worst to the best "
                "seed, and the dashed line is the original’s claim.</p>"
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
    claim = summary.entry.claim
    if claim and claim.split != learning.split:
        claim = None
    first, last = learning.points[0], learning.points[-1]
    lower = [(point.number, 100 * point.low) for point in learning.points]
    upper = [(point.number, 100 * point.high) for point in learning.points]
    levels = [100 * claim.value] if claim else []
    accuracies = [*(accuracy for _, accuracy in (*lower, *upper)), *levels]
    seeds = count(learning.seeds, "seed")
    figure = Figure()
    panel = figure.panel(
        Axis(0, max(last.number, 1), f"{learning.unit}s, {seeds}", is_whole=True),
        Axis.around(accuracies, f"{summary.name}, {learning.split}, %", within=(0, 100)),
        width=280,
        height=190,
    )
    panel.band(lower, upper, "blue")
    for level in levels:
        panel.level(level, "orange dashed")
    panel.line([(point.number, 100 * point.mean) for point in learning.points], "blue")
    return figure.inline(
        f"Accuracy of {summary.name} on {learning.split} over {last.number} {learning.unit}s: "
        f"{percent(first.mean, 1)} at first, {percent(last.mean, 1)} at the end"
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
            f"</summary>{confusion.heatmap(summary.evaluation)}</details>"
        )
    return parts or [NO_EVALUATION]


def _mistakes(summaries: Sequence[ModelSummary], number: int) -> list[str]:
    parts = []
    for summary in summaries:
        if report := summary.evaluation:
            shown = report.evaluation.mistakes[:number]
            parts += [f"<h3>{escape(summary.name)}</h3>", *mistake_figures(report, shown)]
    return parts or [NO_EVALUATION]
