"""The output of `zoo tune`: the best trials and the importance of the settings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from zoo.analysis.compare import describe_setting
from zoo.formatting import number

from . import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.analysis.search import Search
    from zoo.analysis.studies import Study, Trial
    from zoo.config.entry import Entry


EARLY_STOPPING = (
    "With early stopping, the same validation images select the weights and measure the accuracy, "
    "so it is a little too high."
)


def page(search: Search, entry: Entry, study: Study, *, shown: int) -> list[Any]:
    """Return the table of the best trials, the states of all trials, and the importances."""
    completed = sorted(
        (trial for trial in study.trials if trial.accuracy is not None),
        key=lambda trial: (-(trial.accuracy or 0), trial.number),
    )
    result = tables.table("trial", "validation", *search.space, right=("trial", "validation"))
    for trial in completed[:shown]:
        cells = [value_words(trial.values.get(key)) for key in search.space]
        result.add_row(str(trial.number), f"{100 * (trial.accuracy or 0):.2f}%", *cells)
    parts: list[Any] = [f"{search.name} {entry.architecture}: {_counts(study.trials)}", ""]
    if completed:
        parts += [result, ""]
    elif reasons := [trial.error for trial in study.trials if trial.error]:
        parts += [f"No trial was completed; the last error: {tables.plain(reasons[-1])}", ""]
    if study.importances:
        shares = ", ".join(f"{key} {share:.0%}" for key, share in study.importances.items())
        parts.append(f"Importance of the settings: {shares}.")
    if entry.train.patience or "train.patience" in search.space:
        parts.append(EARLY_STOPPING)
    return [*parts, "The test split was not used."]


def _counts(trials: tuple[Trial, ...]) -> str:
    states = Counter(trial.state for trial in trials)
    listed = ", ".join(f"{count} {state}" for state, count in states.items())
    return f"{len(trials)} trials ({listed})"


def values_words(values: Mapping[str, object]) -> str:
    """Return the settings of a trial in one line."""
    return ", ".join(f"{key} {value_words(value)}" for key, value in values.items())


def value_words(value: object) -> str:
    """Return a value as it appears in a table."""
    return number(value) if isinstance(value, float) else describe_setting(value)
