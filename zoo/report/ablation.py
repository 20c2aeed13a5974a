"""An ablation as one page: what each ingredient is worth, with its interval, on one scale."""

from collections.abc import Mapping
from html import escape

from zoo import html as pages
from zoo.analysis.ablation import Ablation, Effect, caveats, percentage_points

STYLE = """
.worths { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .2rem 1.25rem;
  align-items: center; margin: 1.25rem 0 }
.bar { --colour: var(--right); position: relative; height: 2rem; background: var(--raised) }
.bar.harms { --colour: var(--wrong) } .bar.unclear { --colour: var(--soft) }
.bar span { position: absolute }
.bar .interval { top: .8rem; bottom: .8rem; background: var(--colour) }
.bar .mean { top: .5rem; width: 1rem; height: 1rem; margin-left: -.5rem;
  border-radius: 50%; background: var(--colour); border: 2px solid var(--paper) }
.bar .none { top: 0; bottom: 0; border-left: 1px solid var(--ink) }
.worths .said { grid-column: 2; font-size: .85rem; color: var(--soft); margin: 0 0 .7rem }
@media (max-width: 40rem) {
  .worths { grid-template-columns: 1fr } .worths .said { grid-column: 1 }
}
"""


MEANING = (
    "on held-out training pictures. Each line is the same training without one ingredient: by how "
    "many points the whole is better, seed by seed, with the 95 % interval of the mean."
)
KEY = (
    "The thin line is no difference: what lies to its right helps. Blue and orange are clear of "
    "it; grey is not."
)


def html(found: Ablation, *, command: str, versions: Mapping[str, str | None]) -> str:
    """Return the page; `command` makes it again."""
    entry, whole = found.entry, found.whole
    sd = f" ± {100 * whole.sd:.2f}" if whole and whole.sd is not None else ""
    reached = f"{100 * whole.mean:.2f}{sd} % over {whole.n} seeds" if whole else "not known"
    rows = [part for one in found.effects for part in _row(one, _span(found))]
    return pages.page(
        f"zoo ablate: {entry.name}",
        [
            f"<h1>What the ingredients of {escape(entry.name)} are worth</h1>",
            f"<p>{escape(entry.summary)}</p>",
            f"<p>The whole recipe, {escape(entry.architecture)}, reaches {reached} {MEANING}</p>",
            f'<div class="worths">{"".join(rows)}</div>',
            *(f'<p class="soft">{escape(words)}</p>' for words in (KEY, *caveats(found))),
            "<h2>In numbers</h2>",
            _numbers(found),
            "<h2>The same again</h2>",
            f"<pre>{escape(command)}</pre>",
            pages.key_values((name, version or "none") for name, version in versions.items()),
        ],
        style=STYLE,
    )


def _span(found: Ablation) -> float:
    """Return the largest distance from no difference that is drawn."""
    ends = [abs(end) for one in found.effects for end in _ends(one)]
    return 1.05 * max(ends, default=0.0) or 1.0


def _ends(one: Effect) -> tuple[float, float]:
    mean, low, high = one.difference.mean, one.difference.low, one.difference.high
    return (mean if low is None else low), (mean if high is None else high)


def _row(one: Effect, span: float) -> list[str]:
    def left(difference: float) -> float:
        return 50 + 50 * difference / span

    low, high = _ends(one)
    marks = (
        f'<span class="interval" style="left:{left(low):.2f}%;width:{left(high) - left(low):.2f}%">'
        '</span><span class="none" style="left:50%"></span>'
        f'<span class="mean" style="left:{left(one.difference.mean):.2f}%"></span>'
    )
    finding = one.finding or ("a single seed" if one.component.is_fair else "no verdict")
    said = f"{percentage_points(one.difference.mean)} points: {finding}"
    return [
        f"<div>{escape(one.component.label)}</div>",
        f'<div class="bar {one.finding or "unclear"}" aria-hidden="true">{marks}</div>',
        f'<p class="said">{escape(said)}</p>',
    ]


def _numbers(found: Ablation) -> str:
    rows = []
    for one in found.effects:
        accuracy, difference = one.accuracy, one.difference
        sd = f" ± {100 * accuracy.sd:.2f}" if accuracy.sd is not None else ""
        interval = (
            "-"
            if difference.low is None or difference.high is None
            else f"{percentage_points(difference.low)} to {percentage_points(difference.high)}"
        )
        rows.append(
            [
                one.component.label,
                f"{100 * accuracy.mean:.2f}{sd}",
                percentage_points(difference.mean),
                interval,
                str(difference.n),
            ]
        )
    rows += [[one.label, "failed", "-", "-", "0"] for one in found.unknown]
    columns = ["without", "accuracy, %", "worth, points", "95 % interval", "seeds"]
    caption = "Of each ingredient, how well the recipe does without it, and what it is worth."
    return pages.table(caption, columns, rows)
