"""The HTML page of an ablation: the effect of each component on one scale."""

from collections.abc import Mapping
from html import escape

from zoo import html as pages
from zoo.analysis import ablation_rows
from zoo.analysis.ablation import Ablation, Effect
from zoo.analysis.statistics import mean_words
from zoo.formatting import count, points

STYLE = """
.effects { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .2rem 1.25rem;
  align-items: center; margin: 1.25rem 0 }
.bar { --colour: var(--right); position: relative; height: 2rem; background: var(--raised) }
.bar.harms { --colour: var(--wrong) } .bar.unclear { --colour: var(--soft) }
.bar span { position: absolute }
.bar .interval { top: .8rem; bottom: .8rem; background: var(--colour) }
.bar .mean { top: .5rem; width: 1rem; height: 1rem; margin-left: -.5rem;
  border-radius: 50%; background: var(--colour); border: 2px solid var(--paper) }
.bar .none { top: 0; bottom: 0; border-left: 1px solid var(--ink) }
.effects .details { grid-column: 2; font-size: .85rem; color: var(--soft); margin: 0 0 .7rem }
@media (max-width: 40rem) {
  .effects { grid-template-columns: 1fr } .effects .details { grid-column: 1 }
}
"""


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
    span = _span(ablation)
    rows = [part for effect in ablation.effects for part in _row(effect, span)]
    return pages.page(
        f"zoo ablate: {entry.name}",
        [
            f"<h1>Ablation of {escape(entry.name)}</h1>",
            f"<p>{escape(entry.summary)}</p>",
            f"<p>The recipe, {escape(entry.architecture)}, reaches {accuracy} {MEANING}</p>",
            f'<div class="effects">{"".join(rows)}</div>',
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
            "<h2>Reproduction</h2>",
            f"<pre>{escape(command)}</pre>",
            pages.key_values((name, version or "none") for name, version in versions.items()),
        ],
        style=STYLE,
    )


def _span(ablation: Ablation) -> float:
    """Return half the width of the scale, which contains every interval."""
    ends = [abs(end) for effect in ablation.effects for end in _ends(effect)]
    return 1.05 * max(ends, default=0.0) or 1.0


def _ends(effect: Effect) -> tuple[float, float]:
    mean, low, high = effect.difference.mean, effect.difference.low, effect.difference.high
    return (mean if low is None else low), (mean if high is None else high)


def _row(effect: Effect, span: float) -> list[str]:
    def left(difference: float) -> float:
        return 50 + 50 * difference / span

    low, high = _ends(effect)
    marks = (
        f'<span class="interval" style="left:{left(low):.2f}%;width:{left(high) - left(low):.2f}%">'
        '</span><span class="none" style="left:50%"></span>'
        f'<span class="mean" style="left:{left(effect.difference.mean):.2f}%"></span>'
    )
    finding = effect.finding or ("a single seed" if effect.component.is_fair else "no verdict")
    details = f"{points(effect.difference.mean)} points: {finding}"
    return [
        f"<div>{escape(effect.component.label)}</div>",
        f'<div class="bar {effect.finding or "unclear"}" aria-hidden="true">{marks}</div>',
        f'<p class="details">{escape(details)}</p>',
    ]
