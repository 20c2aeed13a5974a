"""The HTML page of a comparison: claims, learning curves, confusion matrices, mistakes, pairs."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from zoo import html as pages
from zoo.analysis.baselines import BaselineResult
from zoo.analysis.compare import ModelSummary, class_names, describe_setting, differing_settings
from zoo.analysis.learning_curves import Curve, curve
from zoo.analysis.pairwise import Difference, Pair
from zoo.analysis.statistics import interval_words, mean_words, summarize
from zoo.config.catalog import USER_FILE
from zoo.formatting import duration, number, p_value, size
from zoo.report import confusion, intervals
from zoo.report.mistakes import STYLE as MISTAKES_STYLE
from zoo.report.mistakes import mistake_figures, shown_row
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

NO_EVALUATION = (
    '<p class="soft">No model could be evaluated: its data or its weights are missing.</p>'
)
DIFFERENCES = 12  # images shown of a pair
ALPHA = 0.05  # p-values below it are significant


def html(
    summaries: Sequence[ModelSummary],
    *,
    pairs: Sequence[Pair],
    contrasts: Mapping[str, Sequence[BaselineResult]],
    mistakes: int,
    command: str,
    versions: Mapping[str, str | None],
) -> str:
    """Return the page, with the given number of mistakes per model.

    `contrasts` has the baselines' results by the model's name; `command` recreates the page.
    """
    names = [summary.name for summary in summaries]
    return pages.page(
        f"zoo compare: {', '.join(names)}",
        [
            "<h1>Claimed and measured accuracy</h1>",
            f'<p class="lead">{_summary(summaries)}</p>',
            *_claims(summaries),
            "<h2>Table</h2>",
            _numbers(summaries),
            "<h2>Learning curves</h2>",
            *_curves(summaries),
            "<h2>Confusion matrices</h2>",
            *_confusions(summaries),
            "<h2>Recall by class</h2>",
            *_classes(summaries),
            "<h2>Most confident mistakes</h2>",
            *_mistakes(summaries, mistakes),
            *(["<h2>Pairs</h2>"] if pairs else []),
            *(part for pair in pairs for part in _pair(pair, len(pairs))),
            "<h2>Settings that differ</h2>",
            _settings(summaries),
            *_baselines(contrasts),
            "<h2>Reproduction</h2>",
            *_reproduction(summaries, command, versions),
        ],
        style=intervals.STYLE + confusion.STYLE + MISTAKES_STYLE + STYLE,
    )


def _summary(summaries: Sequence[ModelSummary]) -> str:
    verdicts = [summary.verdict for summary in summaries]
    count = len(verdicts) - verdicts.count(None)
    if not count:
        return "None of these models has both a claim and results."
    counted = [
        f"{verdicts.count(verdict)} {verdict}" for verdict in ("reproduced", "beaten", "missed")
    ]
    claims = "1 claim" if count == 1 else f"{count} claims"
    return f"Of {claims}: {', '.join(counted)}."


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
            '<b class="claim">┆</b> the README’s claim, with its tolerance</p>'
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
        phrases.append(f"claimed {claim.value:.2%} on {claim.split}")
    seeds = [100 * result.accuracy for result in summary.results]
    marks += [intervals.line(axis, accuracy, "ink faint") for accuracy in seeds]
    if mean and mean.low is not None and mean.high is not None:
        marks.append(intervals.bar(axis, 100 * mean.low, 100 * mean.high, "blue"))
    if mean:
        marks.append(intervals.dot(axis, 100 * mean.mean, "blue"))
        phrases.append(f"reached {mean_words(mean)} over {_seeds(summary)}")
    if summary.evaluation:
        accuracy = summary.evaluation.evaluation.accuracy
        marks.append(intervals.dot(axis, 100 * accuracy, "hollow", radius=4))
        phrases.append(f"the weights reach {accuracy:.2%}")
    verdict = summary.verdict or "no verdict"
    badge = f'<span class="verdict {summary.verdict or "none"}">{verdict}</span>'
    name = f"<b>{escape(summary.name)}</b>{badge}"
    return intervals.Row(name, marks, "; ".join(phrases) or "no results")


def _seeds(summary: ModelSummary) -> str:
    n, local = len(summary.results), len(summary.local_runs)
    seeds = "1 seed" if n == 1 else f"{n} seeds"
    where = "local runs" if local == n else "recorded" if not local else f"{local} of them local"
    return f"{seeds}, {where}" if n else "none"


def _numbers(summaries: Sequence[ModelSummary]) -> str:
    columns = (
        *("model", "network", "parameters", "claim", "on", "mean ± sd", "95% interval", "seeds"),
        *("verdict", "accuracy of the weights", "training", "µs per image", "weights"),
    )
    meaning = (
        "The claimed and the measured accuracy are on the claim’s split; the interval is "
        "Student’s, of the mean over the seeds. Training is the median of the seeds on one thread; "
        "the time per image is that in a batch of a thousand; weights are float32."
    )
    rows = [_row(summary) for summary in summaries]
    return f'<p class="soft">{meaning}</p>' + pages.table("All models", columns, rows)


def _row(summary: ModelSummary) -> tuple[str, ...]:
    claim = summary.entry.claim
    accuracy = (
        "–" if summary.recorded_accuracy is None else f"{summary.recorded_accuracy:.2%} recorded"
    )
    if summary.evaluation:
        accuracy = f"{summary.evaluation.evaluation.accuracy:.2%} checked"
    return (
        summary.name,
        summary.entry.architecture,
        summary.entry.parameters_text,
        f"{claim.value:.2%}" if claim else "–",
        summary.item.split,
        mean_words(summary.summary),
        interval_words(summary.summary),
        f"{len(summary.results)}, {len(summary.local_runs)} local"
        if summary.local_runs
        else f"{len(summary.results)}",
        summary.verdict or "–",
        accuracy,
        "–" if summary.seconds is None else duration(summary.seconds),
        number(summary.microseconds, digits=2),
        size(summary.size_bytes),
    )


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
    claim = summary.entry.claim
    if claim and claim.split != learning.split:
        claim = None
    first, last = learning.points[0], learning.points[-1]
    lower = [(point.number, 100 * point.low) for point in learning.points]
    upper = [(point.number, 100 * point.high) for point in learning.points]
    levels = [100 * claim.value] if claim else []
    accuracies = [*(accuracy for _, accuracy in (*lower, *upper)), *levels]
    seeds = "1 seed" if learning.seeds == 1 else f"{learning.seeds} seeds"
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
        f"{first.mean:.1%} at first, {last.mean:.1%} at the end"
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


def _classes(summaries: Sequence[ModelSummary]) -> list[str]:
    evaluated = [
        (summary, summary.evaluation.evaluation.per_class)
        for summary in summaries
        if summary.evaluation
    ]
    if not evaluated:
        return [NO_EVALUATION]
    return [
        pages.table(
            "Recall: the share of each class that is classified correctly",
            ("class", *(summary.name for summary, _ in evaluated)),
            [
                (
                    name,
                    *(
                        f"{scores[label].recall:.1%}" if label < len(scores) else "–"
                        for _, scores in evaluated
                    ),
                )
                for label, name in enumerate(class_names([summary for summary, _ in evaluated]))
            ],
        )
    ]


def _mistakes(summaries: Sequence[ModelSummary], count: int) -> list[str]:
    parts = []
    for summary in summaries:
        if report := summary.evaluation:
            shown = report.evaluation.mistakes[:count]
            parts += [f"<h3>{escape(summary.name)}</h3>", *mistake_figures(report, shown)]
    return parts or [NO_EVALUATION]


def _pair(pair: Pair, count: int) -> list[str]:
    """Return McNemar's test of two models, and the images that one of them misclassifies."""
    first, second, test = escape(pair.first.name), escape(pair.second.name), pair.test
    both = pair.right[0] - test.only_first
    better = first if test.only_first > test.only_second else second
    significant = pair.corrected < ALPHA
    finding = f"{better} is significantly better" if significant else "not significant"
    corrected = f", {_p(pair.corrected)} as one of {count} pairs (Holm)" if count > 1 else ""
    counts = (
        f"Of the same {pair.n:,} {pair.split} {pair.source.noun}s both classify {both:,} "
        f"correctly, only {first} {test.only_first:,}, only {second} {test.only_second:,}, "
        f"and neither {pair.n - both - test.differ:,}."
    )
    sign = "" if p_value(test.exact).startswith("<") else "= "
    tested = (
        f"McNemar’s test: p {sign}{_p(test.exact)} exact, {_p(test.corrected)} by chi-squared"
        f"{corrected}: {finding}."
    )
    shown = pair.differences[:DIFFERENCES]
    figures = "".join(_difference(pair, difference) for difference in shown)
    return [
        f"<h3>{first} and {second}</h3>",
        f"<p>{counts}</p><p>{tested}</p>",
        f'<p class="soft">{len(shown)} of the {test.differ:,} that only one of them classifies '
        "correctly:</p>"
        f'<div class="mistakes">{figures}</div>'
        if shown
        else "",
    ]


def _difference(pair: Pair, difference: Difference) -> str:
    names = pair.source.names
    label, first, second = (
        names[index] for index in (difference.label, difference.first, difference.second)
    )
    image = shown_row(difference.image, pair.source, alt=f"A {label}")
    predictions = f"{pair.first.name}: {first}, {pair.second.name}: {second}"
    location = f"{pair.split} {pair.source.noun} {difference.index}, labelled {label}"
    return (
        f"<figure>{image}<figcaption>{escape(predictions)}<br>"
        f"<span class='soft'>{escape(location)}</span></figcaption></figure>"
    )


def _p(value: float) -> str:
    return escape(p_value(value))


def _settings(summaries: Sequence[ModelSummary]) -> str:
    differing = differing_settings(summaries)
    if not differing:
        return "<p>None: the recipes are equal.</p>"
    rows = [(key, *map(describe_setting, values)) for key, values in differing.items()]
    return pages.table(
        "A dash: the entry does not set it",
        ("setting", *(summary.name for summary in summaries)),
        rows,
    )


def _baselines(by_name: Mapping[str, Sequence[BaselineResult]]) -> list[str]:
    rows = []
    notes: dict[str, None] = {}
    for name, results in by_name.items():
        for baseline in dict.fromkeys(result.peer for result in results):
            own = [result for result in results if result.peer == baseline]
            summary = summarize([result.accuracy for result in own])
            if summary:
                seconds = sorted(result.seconds for result in own)[len(own) // 2]
                rows.append(
                    (
                        name,
                        f"{baseline} {own[0].version}",
                        f"{mean_words(summary)} ({summary.n})",
                        own[0].split,
                        duration(seconds),
                    )
                )
                notes |= {f"{baseline}: {phrase}": None for phrase in own[0].differs}
    if not rows:
        return []
    return [
        "<h2>Baselines</h2>",
        pages.table(
            "From zoo’s initial weights, on the same rows; the seconds are of the training alone",
            ("model", "baseline", "accuracy (seeds)", "on", "training"),
            rows,
        ),
        *(f'<p class="soft">{escape(note)}</p>' for note in notes),
    ]


def _reproduction(
    summaries: Sequence[ModelSummary], command: str, versions: Mapping[str, str | None]
) -> list[str]:
    """Return the commands that reproduce every number, and the versions of data and weights."""
    lines = [f"# this page\n{command}"]
    lines += ["\n".join([f"# {summary.name}", *_commands(summary)]) for summary in summaries]
    rows = []
    for summary in summaries:
        phrases = []
        if summary.results:
            phrases.append(f"seeds {_join_seeds(result.seed for result in summary.results)}")
            phrases.append(f"data {summary.results[0].data[:12]}")
        if summary.model:
            facts = summary.model.facts
            phrases.append(
                f"weights {facts.fingerprint} of seed {facts.seed}, trained with zoo {facts.zoo}"
            )
        rows.append((summary.name, "; ".join(phrases) or "no results"))
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [
        f"<pre><code>{escape(chr(10).join(lines))}</code></pre>",
        pages.key_values([*rows, ("Versions", named)]),
    ]


def _commands(summary: ModelSummary) -> Iterable[str]:
    """Yield the commands that train and evaluate a model."""
    name = shlex.quote(_argument(summary))
    seeds = _join_seeds((result.seed for result in summary.results), separator=",")
    if summary.results and not summary.item.run:
        if summary.local_runs:
            yield f"zoo compare {name} --train --seeds {seeds}"
        if len(summary.local_runs) < len(summary.results):
            yield f"zoo train {name} --seeds {seeds}"
    if summary.evaluation:
        yield f"zoo evaluate {name} --split {summary.item.split}"


def _argument(summary: ModelSummary) -> str:
    listed = summary.item.listed
    if summary.item.run:
        return str(summary.item.run.path)
    return str(listed.path) if listed.provider == USER_FILE else summary.entry.name


def _join_seeds(seeds: Iterable[int], *, separator: str = ", ") -> str:
    """Return seeds as 0,1,2; a single one as "0,", because --seeds 1 is a number of seeds."""
    numbers = [str(seed) for seed in seeds]
    return separator.join(numbers) + ("," if len(numbers) == 1 and separator == "," else "")
