"""What is shown of a study: its best trials, and which settings made the difference."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from zoo.analysis.compare import describe_setting
from zoo.formatting import number

from . import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.analysis.tune import Search, Study, Trial
    from zoo.config.entry import Entry


EARLY = (
    "A training that ends early picks its weights by the pictures that judge it here: its accuracy "
    "is a little too good."
)


def page(search: Search, entry: Entry, found: Study, *, shown: int) -> list[Any]:
    """Return the table of the best trials, what became of the others, and the importances."""
    done = sorted(
        (one for one in found.trials if one.accuracy is not None),
        key=lambda one: (-(one.accuracy or 0), one.number),
    )
    made = tables.table("trial", "validation", *search.space, right=("trial", "validation"))
    for one in done[:shown]:
        cells = [value_words(one.values.get(key)) for key in search.space]
        made.add_row(str(one.number), f"{100 * (one.accuracy or 0):.2f}%", *cells)
    parts: list[Any] = [f"{search.name} {entry.architecture}: {_counts(found.trials)}", ""]
    if done:
        parts += [made, ""]
    elif reasons := [one.error for one in found.trials if one.error]:
        parts += [f"None got to its end; the last one: {tables.plain(reasons[-1])}", ""]
    if found.importances:
        shares = ", ".join(f"{key} {share:.0%}" for key, share in found.importances.items())
        parts.append(f"What made the difference: {shares}.")
    if entry.train.patience or "train.patience" in search.space:
        parts.append(EARLY)
    return [*parts, "The test split was not looked at."]


def _counts(trials: tuple[Trial, ...]) -> str:
    counted = Counter(one.state for one in trials)
    said = ", ".join(f"{count} {state}" for state, count in counted.items())
    return f"{len(trials)} trials ({said})"


def values_words(values: Mapping[str, object]) -> str:
    """Return the settings of a trial in a line."""
    return ", ".join(f"{key} {value_words(value)}" for key, value in values.items())


def value_words(value: object) -> str:
    """Return a value as it stands in a table."""
    return number(value) if isinstance(value, float) else describe_setting(value)
