"""A comparison as one page: claims against intervals, curves, confusions, mistakes, pairs."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from zoo import html as pages
from zoo.analysis.baselines import BaselineResult
from zoo.analysis.compare import ModelSummary, class_names, describe_setting, differing_settings
from zoo.analysis.learning_curves import Curve, curve
from zoo.analysis.pairwise import Difference, Pair
from zoo.analysis.statistics import interval_words, mean_words, summarize
from zoo.config.entry import Claim
from zoo.formatting import duration, number, p_value, size
from zoo.report.components import STYLE as PIECES
from zoo.report.components import Scale, confusion_heatmap, line, mistake_figures, shown_row
from zoo.training.curves import BOTTOM, GAP, HEIGHT, TOP, WIDTH, Panel

STYLE = """
main { max-width: 84rem } .wide { font-size: .9rem }
.lead { font-size: 1.15rem }
.claims { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .35rem 1.25rem;
  align-items: center; margin: 1.25rem 0 0 }
.claims .who { line-height: 1.25 } .claims .who b { display: block }
.claims .said { grid-column: 2; font-size: .85rem; color: var(--soft); margin: 0 0 .9rem }
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
  .claims { grid-template-columns: 1fr } .claims .said, .claims .ends { grid-column: 1 }
}
@media (max-width: 30rem) { .diagrams svg text { font-size: 15px } }
"""

NOT_AT_HAND = (
    '<p class="soft">No model could be asked: its data is not at hand, or it has no weights.</p>'
)
DIFFERENCES = 12  # pictures of a pair that are shown
ALPHA = 0.05  # a p-value below it is taken for more than noise


def html(
    standings: Sequence[ModelSummary],
    *,
    pairs: Sequence[Pair],
    contrasts: Mapping[str, Sequence[BaselineResult]],
    mistakes: int,
    command: str,
    versions: Mapping[str, str | None],
) -> str:
    """Return the page, with so many of the worst mistakes of each.

    `contrasts` are those of each subject by its name; `command` makes the page again.
    """
    names = [one.name for one in standings]
    return pages.page(
        f"zoo compare: {', '.join(names)}",
        [
            "<h1>Models against their claims</h1>",
            f'<p class="lead">{_summary(standings)}</p>',
            *_claims(standings),
            "<h2>In numbers</h2>",
            _numbers(standings),
            "<h2>Learning curves</h2>",
            *_curves(standings),
            "<h2>What was taken for what</h2>",
            *_confusions(standings),
            "<h2>Each class</h2>",
            *_classes(standings),
            "<h2>The worst mistakes</h2>",
            *_mistakes(standings, mistakes),
            *(["<h2>Pairs</h2>"] if pairs else []),
            *(part for pair in pairs for part in _pair(pair, len(pairs))),
            "<h2>Settings that differ</h2>",
            _settings(standings),
            *_contrasts(contrasts),
            "<h2>The same again</h2>",
            *_again(standings, command, versions),
        ],
        style=PIECES + STYLE,
    )


def _summary(standings: Sequence[ModelSummary]) -> str:
    verdicts = [one.verdict for one in standings]
    judged = len(verdicts) - verdicts.count(None)
    if not judged:
        return "None of these has both a claim and results to judge it by."
    counted = [
        f"{verdicts.count(verdict)} {verdict}" for verdict in ("reproduced", "beaten", "missed")
    ]
    claims = "1 claim" if judged == 1 else f"{judged} claims"
    return f"Of {claims}: {', '.join(counted)}."


def _claims(standings: Sequence[ModelSummary]) -> list[str]:
    """Return a row a subject on one scale: the claim, the seeds, their mean, what was read now."""
    known = [share for one in standings for share in _shares(one)]
    if not known:
        return ["<p>There are no results yet; <code>--train</code> makes some.</p>"]
    scale = Scale.around(known)
    rows = [part for one in standings for part in _claim(one, scale)]
    return [
        f'<div class="claims">{"".join(rows)}{scale.ends()}</div>',
        (
            '<p class="key"><b class="ours">●</b> the mean over the seeds, in the bar of its 95% '
            "interval &#160; │ a seed &#160; ◇ the weights, read just now &#160; "
            '<b class="claim">┆</b> the README’s claim, in the band of its tolerance</p>'
        ),
    ]


def _shares(one: ModelSummary) -> list[float]:
    """Return everything of a subject that stands on the scale."""
    claim, summary = one.entry.claim, one.summary
    found = [result.accuracy for result in one.results]
    if claim:
        found += [claim.value - claim.tolerance, claim.value + claim.tolerance]
    if summary and summary.low is not None and summary.high is not None and summary.n > 2:
        found += [summary.low, summary.high]
    if one.evaluation:
        found.append(one.evaluation.evaluation.accuracy)
    return found


def _claim(one: ModelSummary, scale: Scale) -> list[str]:
    claim, summary = one.entry.claim, one.summary
    marks, said = [], []
    if claim:
        marks.append(scale.band("tolerance", *_band(claim)))
        said.append(f"claimed {claim.value:.2%} on {claim.split}")
    marks += [scale.mark("seed", result.accuracy) for result in one.results]
    if summary and summary.low is not None and summary.high is not None:
        marks.append(scale.band("interval", summary.low, summary.high))
    if claim:
        marks.append(scale.mark("claim", claim.value))
    if summary:
        marks.append(scale.mark("mean", summary.mean))
        said.append(f"reached {mean_words(one.summary)} over {_seeds(one)}")
    if one.evaluation:
        marks.append(scale.mark("now", one.evaluation.evaluation.accuracy))
        said.append(f"the weights read {one.evaluation.evaluation.accuracy:.2%} just now")
    verdict = one.verdict or "not judged"
    badge = f'<span class="verdict {one.verdict or "none"}">{verdict}</span>'
    return [
        f'<div class="who"><b>{escape(one.name)}</b>{badge}</div>',
        scale.strip(marks),
        f'<p class="said">{escape("; ".join(said) or "nothing on record")}</p>',
    ]


def _band(claim: Claim) -> tuple[float, float]:
    return claim.value - claim.tolerance, claim.value + claim.tolerance


def _seeds(one: ModelSummary) -> str:
    n, here = len(one.results), len(one.local_runs)
    seeds = "1 seed" if n == 1 else f"{n} seeds"
    where = "trained here" if here == n else "recorded" if not here else f"{here} of them here"
    return f"{seeds}, {where}" if n else "none"


def _numbers(standings: Sequence[ModelSummary]) -> str:
    columns = (
        *("model", "network", "parameters", "claim", "on", "mean ± sd", "95% interval", "seeds"),
        *("verdict", "weights read", "training", "µs a picture", "weights"),
    )
    meaning = (
        "The claim and what was reached, on the split that the claim speaks of; the interval is "
        "Student’s, of the mean over the seeds. Training is the median of the seeds on one thread; "
        "a picture is one of a thousand that are answered together; weights are float32."
    )
    rows = [_row(one) for one in standings]
    return f'<p class="soft">{meaning}</p>' + pages.table("All models", columns, rows)


def _row(one: ModelSummary) -> tuple[str, ...]:
    claim = one.entry.claim
    read = "–" if one.recorded is None else f"{one.recorded:.2%} recorded"
    if one.evaluation:
        read = f"{one.evaluation.evaluation.accuracy:.2%} checked"
    return (
        one.name,
        one.entry.architecture,
        one.entry.describe_parameters,
        f"{claim.value:.2%}" if claim else "–",
        one.item.split,
        mean_words(one.summary),
        interval_words(one.summary),
        f"{len(one.results)}, {len(one.local_runs)} here"
        if one.local_runs
        else f"{len(one.results)}",
        one.verdict or "–",
        read,
        "–" if one.seconds is None else duration(one.seconds),
        number(one.microseconds, digits=2),
        size(one.bytes),
    )


def _curves(standings: Sequence[ModelSummary]) -> list[str]:
    found = [(one, curve(one)) for one in standings]
    drawn = [_diagram(one, known) for one, known in found if known]
    parts = []
    if drawn:
        parts = [
            (
                "<p>The mean over the seeds, and the band between the worst and the best of them; "
                "dashed the README’s claim.</p>"
            ),
            f'<div class="diagrams">{"".join(drawn)}</div>',
        ]
    if without := [escape(one.name) for one, known in found if not known]:
        parts.append(
            f'<p class="soft">No training of {", ".join(without)} lies here, so there is no curve; '
            "<code>--train</code> makes some.</p>"
        )
    return parts


def _diagram(one: ModelSummary, known: Curve) -> str:
    """Return the learning curve of a subject as a drawing."""
    lows, highs = [p.low for p in known.points], [p.high for p in known.points]
    claim = one.entry.claim if one.entry.claim and one.entry.claim.split == known.split else None
    scale = Scale.around([*lows, *highs, *([claim.value] if claim else [])])
    last = known.points[-1]
    panel = Panel(GAP, max(last.number, 1), 100 * scale.low, 100 * scale.high)
    seeds = "1 seed" if known.seeds == 1 else f"{known.seeds} seeds"
    drawn = panel.axes(f"{one.name}, {known.split}, %", f"{known.unit}s, {seeds}")
    there = [panel.place(point.number, 100 * point.low) for point in known.points]
    back = [panel.place(point.number, 100 * point.high) for point in reversed(known.points)]
    drawn.append(f'<polygon points="{" ".join([*there, *back])}"/>')
    if claim:
        level = 100 * claim.value
        drawn.append(line(panel, "claim", (0, level), (panel.end, level)))
    drawn.append(panel.line([(point.number, 100 * point.mean) for point in known.points], "mean"))
    across, down = GAP + WIDTH + 20, TOP + HEIGHT + BOTTOM
    top = TOP - 30
    words = (
        f"Accuracy of {one.name} on {known.split} over {last.number} {known.unit}s: "
        f"{known.points[0].mean:.1%} at first, {last.mean:.1%} at the end"
    )
    return (
        f'<svg viewBox="0 {top} {across} {down - top}" width="{across}" height="{down - top}" '
        f'role="img" aria-label="{escape(words)}">{"".join(drawn)}</svg>'
    )


def _confusions(standings: Sequence[ModelSummary]) -> list[str]:
    parts: list[str] = []
    for one in standings:
        if one.evaluation is None:
            continue
        found = one.evaluation.evaluation
        wrong = len(found.mistakes)
        opened = "" if parts else " open"
        parts.append(
            f"<details{opened}><summary><b>{escape(one.name)}</b>: {wrong:,} of {found.n:,} "
            f"{escape(one.item.split)} {one.evaluation.source.noun}s are misread</summary>"
            f"{confusion_heatmap(one.evaluation)}</details>"
        )
    return parts or [NOT_AT_HAND]


NOT_AT_HAND = (
    '<p class="soft">No model could be asked: its data is not at hand, or it has no weights.</p>'
)


def _classes(standings: Sequence[ModelSummary]) -> list[str]:
    judged = [(one, one.evaluation.evaluation.per_class) for one in standings if one.evaluation]
    if not judged:
        return [NOT_AT_HAND]
    return [
        pages.table(
            "Of each class, the share that is read right (recall)",
            ("class", *(one.name for one, _ in judged)),
            [
                (
                    name,
                    *(
                        f"{scores[label].recall:.1%}" if label < len(scores) else "–"
                        for _, scores in judged
                    ),
                )
                for label, name in enumerate(class_names([one for one, _ in judged]))
            ],
        )
    ]


def _mistakes(standings: Sequence[ModelSummary], wanted: int) -> list[str]:
    parts = []
    for one in standings:
        if one.evaluation:
            shown = one.evaluation.evaluation.mistakes[:wanted]
            parts += [f"<h3>{escape(one.name)}</h3>", *mistake_figures(one.evaluation, shown)]
    return parts or [NOT_AT_HAND]


def _pair(pair: Pair, several: int) -> list[str]:
    """Return McNemar's test of two models and the pictures on which one of them is wrong."""
    first, second, test = escape(pair.first.name), escape(pair.second.name), pair.test
    both = pair.right[0] - test.only_first
    better = first if test.only_first > test.only_second else second
    noise = pair.corrected >= ALPHA
    finding = "the difference may be noise" if noise else f"the weights of {better} are better"
    corrected = f", {_p(pair.corrected)} as one of {several} pairs (Holm)" if several > 1 else ""
    counts = (
        f"Of the same {pair.n:,} {pair.split} {pair.source.noun}s both read {both:,} right, "
        f"only {first} {test.only_first:,}, only {second} {test.only_second:,}, and neither "
        f"{pair.n - both - test.differ:,}."
    )
    sign = "" if p_value(test.exact).startswith("<") else "= "
    tested = (
        f"McNemar’s test: p {sign}{_p(test.exact)} exact, {_p(test.corrected)} by chi-squared"
        f"{corrected}: {finding}."
    )
    shown = pair.differences[:DIFFERENCES]
    figures = "".join(_difference(pair, one) for one in shown)
    return [
        f"<h3>{first} and {second}</h3>",
        f"<p>{counts}</p><p>{tested}</p>",
        f'<p class="soft">{len(shown)} of the {test.differ:,} on which they differ:</p>'
        f'<div class="mistakes">{figures}</div>'
        if shown
        else "",
    ]


def _difference(pair: Pair, one: Difference) -> str:
    names = pair.source.names
    image = shown_row(one.image, pair.source, alt=f"A {names[one.label]}")
    words = f"{pair.first.name}: {names[one.first]}, {pair.second.name}: {names[one.second]}"
    place = f"{pair.split} {pair.source.noun} {one.index}, a {names[one.label]}"
    return (
        f"<figure>{image}<figcaption>{escape(words)}<br>"
        f"<span class='soft'>{escape(place)}</span></figcaption></figure>"
    )


def _p(value: float) -> str:
    return escape(p_value(value))


def _settings(standings: Sequence[ModelSummary]) -> str:
    differing = differing_settings(standings)
    if not differing:
        return "<p>None: the recipes are the same.</p>"
    rows = [(key, *map(describe_setting, values)) for key, values in differing.items()]
    return pages.table(
        "A dash: the entry does not set it",
        ("setting", *(one.name for one in standings)),
        rows,
    )


def _contrasts(found: Mapping[str, Sequence[BaselineResult]]) -> list[str]:
    rows = []
    notes: dict[str, None] = {}
    for name, several in found.items():
        for peer in dict.fromkeys(one.peer for one in several):
            own = [one for one in several if one.peer == peer]
            summary = summarize([one.accuracy for one in own])
            if summary:
                middle = sorted(one.seconds for one in own)[len(own) // 2]
                rows.append(
                    (
                        name,
                        f"{peer} {own[0].version}",
                        f"{mean_words(summary)} ({summary.n})",
                        own[0].split,
                        duration(middle),
                    )
                )
                notes |= {f"{peer}: {words}": None for words in own[0].differs}
    if not rows:
        return []
    return [
        "<h2>The same recipes in other hands</h2>",
        pages.table(
            "From zoo’s own first weights, on the same rows; the seconds are of the training alone",
            ("model", "by", "accuracy (seeds)", "on", "training"),
            rows,
        ),
        *(f'<p class="soft">{escape(note)}</p>' for note in notes),
    ]


def _again(
    standings: Sequence[ModelSummary], command: str, versions: Mapping[str, str | None]
) -> list[str]:
    """Return the commands that make every number anew, and what they depend on."""
    lines = [f"# this page\n{command}"]
    lines += [
        f"# {one.name}\n{words}" for one in standings for words in ["\n".join(_commands(one))]
    ]
    rows = []
    for one in standings:
        told = [f"seeds {_few(result.seed for result in one.results)}"] if one.results else []
        if one.results:
            told.append(f"data {one.results[0].data[:12]}")
        if one.model:
            told.append(
                f"weights {one.model.facts.fingerprint} of seed {one.model.facts.seed}, "
                f"trained with zoo {one.model.facts.zoo}"
            )
        rows.append((one.name, "; ".join(told) or "nothing on record"))
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [
        f"<pre><code>{escape(chr(10).join(lines))}</code></pre>",
        pages.words([*rows, ("Compared with", named)]),
    ]


def _commands(one: ModelSummary) -> Iterable[str]:
    """Yield what makes the numbers of a subject: its trainings, and what its weights read."""
    word = shlex.quote(str(one.item.run.path) if one.item.run else _word(one))
    seeds = _few((result.seed for result in one.results), sign=",")
    if one.results and not one.item.run:
        if one.local_runs:
            yield f"zoo compare {word} --train --seeds {seeds}"
        if len(one.local_runs) < len(one.results):
            yield f"zoo train {word} --seeds {seeds}"
    if one.evaluation:
        yield f"zoo evaluate {word} --split {one.item.split}"


def _word(one: ModelSummary) -> str:
    listed = one.item.listed
    return str(listed.path) if listed.provider == "file" else one.entry.name


def _few(seeds: Iterable[int], *, sign: str = ", ") -> str:
    """Return seeds as 0,1,2; alone one needs a sign behind it, or it would be a number of seeds."""
    several = [str(seed) for seed in seeds]
    return sign.join(several) + ("," if len(several) == 1 and sign == "," else "")
