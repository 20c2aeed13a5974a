"""The texts of a hyperparameter search, for the terminal and the HTML page alike."""

from collections import Counter
from collections.abc import Mapping

from zoo.analysis.search import Search
from zoo.analysis.search_space import Space
from zoo.analysis.settings import describe_setting
from zoo.analysis.studies import Study, Trial
from zoo.config.entry import Entry
from zoo.formatting import count, number, percent

SHOWN = 10  # trials in the table
EARLY_STOPPING = (
    "With early stopping, the same validation images select the weights and measure the accuracy, "
    "so it is a little too high."
)
NO_TEST_SPLIT = "The test split was not used."


def title(search: Search, entry: Entry, study: Study) -> str:
    """Return the network, and the number of trials by their state."""
    states = Counter(trial.state for trial in study.trials)
    listed = ", ".join(f"{n:,} {state}" for state, n in states.items())
    return f"{search.name} {entry.architecture}: {count(len(study.trials), 'trial')} ({listed})"


def columns(space: Space) -> tuple[str, ...]:
    """Return the columns of the table of trials."""
    return ("trial", "validation", *space)


def trial_rows(study: Study, space: Space) -> list[tuple[str, ...]]:
    """Return the number, the accuracy and the settings of the best trials, the best first."""
    completed = sorted(
        (trial for trial in study.trials if trial.accuracy is not None),
        key=lambda trial: (-(trial.accuracy or 0), trial.number),
    )
    return [_cells(trial, space) for trial in completed[:SHOWN]]


def _cells(trial: Trial, space: Space) -> tuple[str, ...]:
    values = (value_words(trial.values.get(key)) for key in space)
    return (str(trial.number), percent(trial.accuracy or 0, 2), *values)


def importance_rows(study: Study) -> list[tuple[str, str]]:
    """Return the share of the variance that each setting explains."""
    return [(key, percent(share, 0)) for key, share in study.importances.items()]


def notes(search: Search, entry: Entry, study: Study) -> list[str]:
    """Return the last error if no trial was completed, the importances, and the caveats."""
    lines = []
    reasons = [trial.error for trial in study.trials if trial.error]
    if reasons and not any(trial.accuracy is not None for trial in study.trials):
        lines.append(f"No trial was completed; the last error: {reasons[-1]}")
    if study.importances:
        shares = ", ".join(f"{key} {share}" for key, share in importance_rows(study))
        lines.append(f"Importance of the settings: {shares}.")
    return [*lines, *caveats(search, entry)]


def caveats(search: Search, entry: Entry) -> list[str]:
    """Return what the accuracies were measured on."""
    stops_early = entry.train.patience or "train.patience" in search.space
    return [*([EARLY_STOPPING] if stops_early else []), NO_TEST_SPLIT]


def values_words(values: Mapping[str, object]) -> str:
    """Return the settings of a trial in one line."""
    return ", ".join(f"{key} {value_words(value)}" for key, value in values.items())


def value_words(value: object) -> str:
    """Return a value as it appears in a table."""
    return number(value) if isinstance(value, float) else describe_setting(value)
