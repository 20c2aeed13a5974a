"""The HTML page of an ablation: the effect of each component on one scale."""

from collections.abc import Mapping
from html import escape

from zoo import html as pages
from zoo.analysis import ablation_rows
from zoo.analysis.ablation import Ablation, Effect
from zoo.analysis.statistics import mean_words
from zoo.formatting import count, points
from zoo.report import intervals
from zoo.svg.axis import Axis

HUES = {"helps": "blue", "harms": "orange"}  # any other finding is grey
MEANING = (
    "on held-out training images. Each line is the same training without one component: the "
    "accuracy of the complete recipe minus the accuracy without the component, paired by seed, in "
    "points, with the 95% interval of the mean."
)
KEY = (
    "The thin line marks a difference of 0: a component to its right helps. The interval of a "
    "grey bar contains 0: the effect is not significant at 5%; those of blue and orange bars do "
    "not."
)


def html(ablation: Ablation, *, command: str, versions: Mapping[str, str | None]) -> str:
    """Return the page; `command` recreates it."""
    entry = ablation.entry
    full = ablation.full_accuracy
    accuracy = f"{mean_words(full)} over {count(full.n if full else 0, 'seed')}"
    ends = [end for effect in ablation.effects for end in _ends(effect)]
    axis = Axis.around([0, *ends], "effect on the accuracy, points")
    rows = [_row(effect, axis) for effect in ablation.effects]
    return pages.page(
        f"zoo ablate: {entry.name}",
        [
            f"<h1>Ablation of {escape(entry.name)}</h1>",
            f"<p>{escape(entry.summary)}</p>",
            f"<p>The recipe, {escape(entry.architecture)}, reaches {accuracy} {MEANING}</p>",
            *([intervals.figure(axis, rows)] if rows else ()),
            *(
                f'<p class="soft">{escape(text)}</p>'
                for text in (KEY, *ablation_rows.caveats(ablation))
            ),
            "<h2>Table</h2>",
            pages.table(
                "The accuracy without each component (seeds), and the effect of the component",
                ablation_rows.COLUMNS,
                ablation_rows.effect_rows(ablation),
            ),
            *pages.reproduction(command, versions),
        ],
        style=intervals.STYLE,
    )


def _ends(effect: Effect) -> tuple[float, float]:
    """Return the interval of an effect in points; for a single seed, the effect twice."""
    mean, low, high = effect.difference.mean, effect.difference.low, effect.difference.high
    return 100 * (mean if low is None else low), 100 * (mean if high is None else high)


def _row(effect: Effect, axis: Axis) -> intervals.Row:
    hue = HUES.get(effect.finding or "", "soft")
    marks = [
        intervals.bar(axis, *_ends(effect), hue),
        intervals.line(axis, 0, "ink"),
        intervals.dot(axis, 100 * effect.difference.mean, hue),
    ]
    finding = effect.finding or ("a single seed" if effect.component.is_fair else "no verdict")
    details = f"{points(effect.difference.mean)} points: {finding}"
    return intervals.Row(escape(effect.component.label), marks, details)
