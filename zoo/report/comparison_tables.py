"""The tables and texts of the page of a comparison."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from zoo import html as pages
from zoo.analysis import comparison_rows as rows
from zoo.analysis.baselines import BaselineResult
from zoo.analysis.compare import ModelSummary
from zoo.analysis.comparison import Comparison
from zoo.analysis.pairwise import Difference, Pair
from zoo.config.catalog import USER_FILE
from zoo.report.mistakes import shown_row
from zoo.system.commands import quote

DIFFERENCES = 12  # images shown of a pair
MEANING = (
    "Training is the median of the seeds on one thread; the time per image is that in a batch of a "
    "thousand; the size is that of the weights as float32."
)


def models(comparison: Comparison) -> list[str]:
    """Return the table of all models, with its explanation."""
    cells = [rows.model_row(summary).cells for summary in comparison.summaries]
    notes = [*rows.notes(comparison), MEANING]
    return [
        pages.table("All models", rows.COLUMNS, cells),
        *(f'<p class="soft">{escape(note)}</p>' for note in notes),
    ]


def classes(summaries: Sequence[ModelSummary]) -> str:
    """Return the recall and precision of each class; nothing if no model was evaluated."""
    names = [summary.name for summary in summaries if summary.evaluation]
    caption = "The share of each class that is classified correctly, and of each prediction"
    return pages.table(caption, ("class", *names), rows.class_rows(summaries)) if names else ""


def pair(tested: Pair, *, n_pairs: int) -> list[str]:
    """Return McNemar's test of two models, and the images that one of them misclassifies."""
    lines = rows.pair_lines(tested, n_pairs=n_pairs)
    shown = tested.differences[:DIFFERENCES]
    figures = "".join(_difference(tested, difference) for difference in shown)
    return [
        f"<h3>{escape(tested.first.name)} and {escape(tested.second.name)}</h3>",
        *(f"<p>{escape(line)}</p>" for line in lines),
        f'<p class="soft">{len(shown)} of the {tested.test.differ:,} that only one of them '
        f'classifies correctly:</p><div class="mistakes">{figures}</div>'
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


def settings(summaries: Sequence[ModelSummary]) -> str:
    """Return the settings that differ."""
    differing = rows.setting_rows(summaries)
    if not differing:
        return f"<p>{rows.SAME_SETTINGS}</p>"
    names = [summary.name for summary in summaries]
    return pages.table("A dash: the entry does not set it", ("setting", *names), differing)


def baselines(by_name: Mapping[str, Sequence[BaselineResult]]) -> list[str]:
    """Return the accuracies of the same recipes in other libraries; nothing without results."""
    cells = rows.baseline_rows(by_name)
    if not cells:
        return []
    caption = "From zoo’s initial weights, on the same rows; the seconds are of the training alone"
    return [
        "<h2>Baselines</h2>",
        pages.table(caption, rows.BASELINE_COLUMNS, cells),
        *(f'<p class="soft">{escape(note)}</p>' for note in rows.baseline_notes(by_name)),
    ]


def reproduction(
    summaries: Sequence[ModelSummary], command: str, versions: Mapping[str, str | None]
) -> list[str]:
    """Return the commands that reproduce every number, and the versions of data and weights."""
    lines = [f"# this page\n{command}"]
    lines += ["\n".join([f"# {summary.name}", *_commands(summary)]) for summary in summaries]
    versions_used = []
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
        versions_used.append((summary.name, "; ".join(phrases) or "no results"))
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return [
        f"<pre><code>{escape(chr(10).join(lines))}</code></pre>",
        pages.key_values([*versions_used, ("Versions", named)]),
    ]


def _commands(summary: ModelSummary) -> Iterable[str]:
    """Yield the commands that train and evaluate a model."""
    name = quote(_argument(summary))
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
