"""The page of a study, and its figure: accuracy over the trials and every searched setting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from zoo import html as pages
from zoo.analysis import study_rows
from zoo.analysis.search_space import Choice, Range, Space
from zoo.analysis.tune import Search, Study, Trial
from zoo.config.entry import Entry
from zoo.formatting import percent, setting

WIDE, TALL, GAP, TOP, BOTTOM = 260, 170, 64, 36, 44  # a panel and its margins
HEAD = 36
ACROSS = 3  # panels in a row

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328 }
  .paper { fill: #ffffff } .axis { stroke: #d8dee4 }
  circle { fill: #0969da; fill-opacity: .55 } circle.best { fill: #bc4c00; fill-opacity: 1 }
  polyline { fill: none; stroke: #bc4c00; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title { fill: #f0f6fc }
    .paper { fill: #0d1117 } .axis { stroke: #30363d }
    circle { fill: #4493f8 } circle.best { fill: #f0883e } polyline { stroke: #f0883e }
  }
"""


@dataclass(frozen=True)
class _Panel:
    """One diagram: its horizontal axis, and the position of every trial on it, from 0 to 1."""

    title: str
    ends: tuple[str, str]
    shares: Sequence[float]


def html(
    search: Search,
    entry: Entry,
    study: Study,
    *,
    command: str,
    versions: Mapping[str, str | None],
) -> str:
    """Return the page; `command` recreates it."""
    trials = study_rows.trial_rows(study, search.space)
    importances = study_rows.importance_rows(study)
    space = [(key, str(axis)) for key, axis in search.space.items()]
    return pages.page(
        f"zoo tune: {search.name}",
        [
            f"<h1>Search for the settings of {escape(search.name)}</h1>",
            f"<p>{escape(entry.summary)}</p>",
            f"<p>{escape(study_rows.title(search, entry, study))}</p>",
            *(
                f'<p class="soft">{escape(note)}</p>'
                for note in study_rows.notes(search, entry, study)
            ),
            *([svg(search.name, study, search.space)] if trials else []),
            "<h2>Best trials</h2>",
            pages.table(
                "The accuracy on the validation split, and the settings",
                study_rows.columns(search.space),
                trials,
            ),
            *(
                [
                    "<h2>Importance of the settings</h2>",
                    pages.table(
                        "The share of the variance of the accuracy that each setting explains",
                        ("setting", "share"),
                        importances,
                    ),
                ]
                if importances
                else []
            ),
            "<h2>Search space</h2>",
            pages.key_values(space),
            "<h2>Reproduction</h2>",
            f"<pre>{escape(command)}</pre>",
            pages.key_values((name, version or "none") for name, version in versions.items()),
        ],
    )


def svg(name: str, study: Study, space: Space) -> str:
    """Return the figure; the best trial has its own colour."""
    done = [trial for trial in study.trials if trial.accuracy is not None]
    last = done[-1].number
    history = _Panel("trial", ("0", str(last)), [trial.number / max(last, 1) for trial in done])
    panels = [history, *(_panel(key, axis, done) for key, axis in space.items())]
    across = min(len(panels), ACROSS)
    down = -(-len(panels) // ACROSS)
    wide, tall = across * (GAP + WIDE) + 24, HEAD + down * (TOP + TALL + BOTTOM)
    shapes = []
    for number, panel in enumerate(panels):
        left = GAP + number % ACROSS * (GAP + WIDE)
        top = HEAD + TOP + number // ACROSS * (TOP + TALL + BOTTOM)
        shapes += _shapes(panel, done, study.best, left=left, top=top)
    size = f'viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}"'
    title = f"{escape(name)}: accuracy on validation, {len(done)} trials"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{wide}" height="{tall}"/>',
            f'<text class="title" x="{GAP}" y="26">{title}</text>',
            *shapes,
            "</svg>\n",
        ]
    )


def _panel(key: str, axis: Range | Choice, done: Sequence[Trial]) -> _Panel:
    if isinstance(axis, Choice):
        positions = {repr(axis.value(text)): axis.position(text) for text in axis.texts}
        shares = [positions[repr(trial.values[key])] for trial in done]
        return _Panel(key, (axis.texts[0], axis.texts[-1]), shares)
    name = f"{key} (logarithmic)" if axis.log else key
    shares = [axis.position(float(str(trial.values[key]))) for trial in done]
    return _Panel(name, (setting(axis.low), setting(axis.high)), shares)


def _shapes(
    panel: _Panel, done: Sequence[Trial], best: Trial | None, *, left: float, top: float
) -> list[str]:
    accuracies = [trial.accuracy or 0 for trial in done]
    low, high = min(accuracies), max(accuracies)
    span = (high - low) or 1

    def position(share: float, accuracy: float) -> tuple[str, str]:
        return f"{left + WIDE * share:.1f}", f"{top + TALL * (high - accuracy) / span:.1f}"

    bottom = top + TALL
    start, end = map(escape, panel.ends)
    shapes = [
        f'<text x="{left}" y="{top - 12}">{escape(panel.title)}</text>',
        f'<line class="axis" x1="{left}" y1="{bottom}" x2="{left + WIDE}" y2="{bottom}"/>',
        f'<line class="axis" x1="{left}" y1="{top}" x2="{left}" y2="{bottom}"/>',
        f'<text x="{left - 6}" y="{top + 4}" text-anchor="end">{percent(high, 2)}</text>',
        f'<text x="{left - 6}" y="{bottom}" text-anchor="end">{percent(low, 2)}</text>',
        f'<text x="{left}" y="{bottom + 18}">{start}</text>',
        f'<text x="{left + WIDE}" y="{bottom + 18}" text-anchor="end">{end}</text>',
    ]
    if panel.title == "trial":
        running_best = [max(accuracies[: number + 1]) for number in range(len(done))]
        line = [",".join(position(*pair)) for pair in zip(panel.shares, running_best, strict=True)]
        shapes.append(f'<polyline points="{" ".join(line)}"/>')
    ordered = sorted(zip(panel.shares, done, strict=True), key=lambda pair: pair[1] == best)
    for share, trial in ordered:  # the best one is drawn last, on top of the others
        x, y = position(share, trial.accuracy or 0)
        mark = ' class="best"' if trial == best else ""
        shapes.append(f'<circle{mark} cx="{x}" cy="{y}" r="4"/>')
    return shapes
