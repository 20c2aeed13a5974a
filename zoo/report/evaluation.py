"""The HTML page of an evaluation: claim, classes, confusion matrix, calibration, mistakes."""

from collections.abc import Mapping, Sequence
from html import escape

from zoo import html as pages
from zoo.analysis.evaluate import Evaluation, EvaluationReport
from zoo.analysis.statistics import wilson
from zoo.formatting import percent, verdict_words
from zoo.nn.metrics import Bin
from zoo.report import confusion, intervals
from zoo.report.mistakes import STYLE as MISTAKES_STYLE
from zoo.report.mistakes import mistake_figures
from zoo.svg.axis import Axis
from zoo.svg.figure import Figure

STYLE = """
.number { font-size: 3rem; font-weight: 600; line-height: 1.1; margin: 1.5rem 0 0 }
.warning { border-left: 4px solid var(--wrong); padding-left: .75rem }
.diagrams { display: flex; flex-wrap: wrap; gap: 1rem }
@media (max-width: 30rem) {
  .number { font-size: 2.5rem }
}
"""

PROBABILITY = Axis(0, 100, "largest probability, %")
SIZE = {"width": 280, "height": 190}  # of a diagram


def html(
    report: EvaluationReport,
    *,
    mistakes: int,
    command: str,
    versions: Mapping[str, str | None],
    changed: str = "",
) -> str:
    """Return the page, with the given number of mistakes.

    `command` recreates the page; `changed` describes changes of the entry's recipe.
    """
    evaluation = report.evaluation
    return pages.page(
        f"{report.name} on {report.split}",
        [
            *_head(report),
            *_claim(report),
            pages.key_values(_facts(report, changed)),
            f"<h2>Each {report.source.label_noun}</h2>",
            _classes(report),
            "<h2>Confusion matrix</h2>",
            confusion.heatmap(report),
            "<h2>Calibration</h2>",
            *_calibration(evaluation),
            "<h2>Most confident mistakes</h2>",
            *mistake_figures(report, evaluation.mistakes[:mistakes]),
            "<h2>Reproduction</h2>",
            f"<pre><code>{escape(command)}</code></pre>",
            pages.key_values(_versions(report, versions)),
        ],
        style=intervals.STYLE + confusion.STYLE + MISTAKES_STYLE + STYLE,
    )


def _head(report: EvaluationReport) -> list[str]:
    about = f"the {report.split} split of {report.source.title}"
    if report.facts:
        entry = report.facts.entry
        about = f"{entry.architecture}, {entry.parameters_text} parameters, on {about}"
    warning = [f'<p class="warning">{escape(report.warning)}</p>'] if report.warning else []
    return [
        f"<h1>{escape(report.name)}</h1>",
        f'<p class="soft">{escape(about)}</p>',
        *warning,
    ]


def _claim(report: EvaluationReport) -> list[str]:
    """Return the accuracy as a number and on a scale, with the claim if it is for this split."""
    evaluation = report.evaluation
    claim = report.claim if report.verdict else None
    right = int(evaluation.confusion.trace())
    low, high = 100 * evaluation.low, 100 * evaluation.high
    claimed = intervals.claimed(claim) if claim else ()
    axis = Axis.around([low, high, *claimed], f"accuracy on {report.split}, %", within=(0, 100))
    interval = _range(evaluation.low, evaluation.high)
    legend = [f'<b class="measured">●</b> the accuracy, with its 95% interval {interval}']
    if claim:
        legend.append(
            f'<b class="claim">┆</b> the original’s {percent(claim.value, 2)}, '
            f"± {percent(claim.tolerance, 2)}"
        )
    marks = [
        *(intervals.claim_marks(axis, claim) if claim else ()),
        intervals.bar(axis, low, high, "blue"),
        intervals.dot(axis, 100 * evaluation.accuracy, "blue"),
    ]
    return [
        f'<p class="number">{percent(evaluation.accuracy, 2)}</p>',
        f"<p>{right:,} of {evaluation.n:,} {report.source.noun}s are classified correctly.</p>",
        intervals.figure(axis, [intervals.Row("", marks)]),
        f'<p class="key">{" &#160; ".join(legend)}</p>',
    ]


def _range(low: float, high: float) -> str:
    return f"{percent(low, 2)} to {percent(high, 2)}"


def _facts(report: EvaluationReport, changed: str) -> list[tuple[str, str]]:
    evaluation, claim, recorded = report.evaluation, report.claim, report.recorded
    rows = []
    if changed:
        rows.append(("Changed", changed))
    if claim:
        verdict = (
            verdict_words(report.verdict)
            if report.verdict
            else f"not checked; use `--split {claim.split}`"
        )
        rows.append(
            (
                "Claim",
                f"{percent(claim.value, 2)} on {claim.split}: {verdict}."
                + (f" “{claim.quote}”" if claim.quote else ""),
            )
        )
    if recorded:
        same = "equal" if report.is_as_recorded else "different"
        rows.append(("Recorded", f"{percent(recorded.accuracy, 2)} by the training, {same}"))
    if report.reason:
        rows.append(("Split", f"{report.split}: {report.reason}"))
    return [
        *rows,
        ("Loss", f"{evaluation.loss:.4f}, the mean cross-entropy"),
        ("Calibration error", f"{percent(evaluation.calibration_error, 2)} on average"),
        ("Data", report.data),
    ]


def _classes(report: EvaluationReport) -> str:
    noun = report.source.label_noun
    return pages.table(
        f"Precision: of those classified as this {noun}, the share that is one. "
        f"Recall: of those that are this {noun}, the share that was found. "
        "F1: their harmonic mean.",
        report.class_columns,
        report.class_rows(),
    )


def _calibration(evaluation: Evaluation) -> list[str]:
    filled = [bin_ for bin_ in evaluation.calibration if bin_.n]
    rows = [
        (
            f"{_range(bin_.low, bin_.high)}",
            f"{bin_.n:,}",
            f"{percent(bin_.confidence, 1)}",
            f"{percent(bin_.accuracy, 1)}",
        )
        for bin_ in filled
    ]
    return [
        (
            "<p>Of the predictions with a probability of 80%, 80% should be correct. Then the bars "
            "on the left end on the dashed line, within their 95% intervals. The bars on the "
            "right are the numbers of predictions.</p>"
        ),
        '<div class="diagrams">',
        _reliability(filled),
        _histogram(filled),
        "</div>",
        "<details><summary>Table</summary>",
        pages.table(
            "Bins of the largest probability, without empty ones",
            ("largest probability", "predictions", "mean", "correct"),
            rows,
        ),
        "</details>",
    ]


def _reliability(bins: Sequence[Bin]) -> str:
    """Return the share of correct predictions in each bin, with its 95% interval."""
    figure = Figure()
    panel = figure.panel(PROBABILITY, Axis(0, 100, "correct, %"), **SIZE)
    for bin_ in bins:
        panel.bar(100 * bin_.low, 100 * bin_.high, 100 * bin_.accuracy, "blue half")
    panel.segment((0, 0), (100, 100), "ink dashed")
    for bin_ in bins:
        middle = 50 * (bin_.low + bin_.high)
        low, high = wilson(round(bin_.accuracy * bin_.n), bin_.n)
        panel.segment((middle, 100 * low), (middle, 100 * high), "ink")
    return figure.inline("The share of correct predictions in each bin of confidence")


def _histogram(bins: Sequence[Bin]) -> str:
    """Return the number of predictions in each bin."""
    figure = Figure()
    counts = Axis.around([0, *(bin_.n for bin_ in bins)], "predictions", is_whole=True)
    panel = figure.panel(PROBABILITY, counts, **SIZE)
    for bin_ in bins:
        panel.bar(100 * bin_.low, 100 * bin_.high, bin_.n, "blue half")
    return figure.inline("The number of predictions in each bin of confidence")


def _versions(
    report: EvaluationReport, versions: Mapping[str, str | None]
) -> list[tuple[str, str]]:
    rows = [("Data", f"SHA-256 {report.digest}")]
    if report.facts:
        rows += [
            ("Weights", f"SHA-256 {report.facts.digest}"),
            ("Seed", f"{report.facts.seed}, trained with zoo {report.facts.zoo}"),
        ]
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [*rows, ("Versions", named)]
