"""The study of a search: its trials so far, read from the journal.

A study is a folder with Optuna's journal. Every process that opens the folder takes part: several
processes, several machines, or the same command after a kill.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zoo.analysis import search_space, study_check, study_files
from zoo.analysis.optuna_study import (
    NAME,
    fail_abandoned_trials,
    open_journal,
    open_study,
    quiet,
)
from zoo.analysis.search import Search
from zoo.analysis.search_space import Choice, Space
from zoo.analysis.study_check import FIXED, SEARCH
from zoo.analysis.study_folder import (
    ANOTHER_FOLDER,
    JOURNAL,
    damaged,
    first_records,
    locked,
    made,
)
from zoo.errors import ConfigError

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

State = Literal["done", "pruned", "failed", "running"]  # failed: stopped before its end


@dataclass(frozen=True)
class Trial:
    """The values and the result of a trial."""

    number: int
    values: dict[str, object]
    state: State
    accuracy: float | None  # on the validation split; the mean over the seeds
    seconds: float | None
    error: str


@dataclass(frozen=True)
class Study:
    """The trials of a study so far, and the importance of each setting."""

    trials: tuple[Trial, ...]
    importances: dict[str, float]  # sum to 1; empty while all accuracies are equal

    @property
    def best(self) -> Trial | None:
        """The trial with the highest accuracy; the earliest one if several share it."""
        done = [trial for trial in self.trials if trial.state == "done"]
        return max(done, key=lambda trial: trial.accuracy or 0, default=None)


def exists(folder: Path) -> bool:
    """Whether the folder holds a study."""
    try:
        return (folder / JOURNAL).exists()
    except OSError:  # it may not be entered, or its name is too long
        return False


def open_or_create(search: Search) -> int:
    """Create or resume the study; return how many of its trials count.

    Trials whose process has ended, for example by a kill, become failed and do not count.
    """
    for values in search_space.grid_corners(
        search.space
    ):  # an invalid value fails before any training
        search.entry(values, search.seeds[0])
    with made(search.folder), quiet(), locked(search.folder), first_records(search.folder):
        if not exists(search.folder):
            study_files.check(search, None)
        study = open_study(
            open_journal(search.folder),
            sampler=search.sampler,
            pruner=search.pruner,
            rng_seed=(search.seed,),
        )
        _check(study, search)
        study_files.check(search, study.user_attrs)
        if SEARCH not in study.user_attrs:
            study.set_user_attr(SEARCH, search.identity)
        fail_abandoned_trials(study)
        return trial_count(study, search)


def _check(study: "optuna.Study", search: Search) -> None:
    """Raise if the study is of another search, or if it was damaged."""
    journal = search.folder / JOURNAL
    for problem in study_check.study_problems(study):
        raise damaged(journal, problem)
    recorded = study.user_attrs.get(SEARCH)
    if recorded is not None and not search.is_of(recorded):
        raise ConfigError(
            f"{search.folder} holds a study of another recipe, space, seeds or data, "
            "or one is a grid and the other is not.",
            hint=ANOTHER_FOLDER,
        )
    for trial in study.get_trials(deepcopy=False):
        for problem in study_check.trial_problems(trial, search.space):
            raise damaged(journal, problem)


def trial_count(study: "optuna.Study", search: Search) -> int:
    """Return how many trials are done or running; for a grid, how many combinations."""
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    trials = study.get_trials(deepcopy=False, states=states)
    if search.sampler != "grid":
        return len(trials)
    tried = set(_combinations(search, trials))
    return sum(tuple(texts.values()) in tried for texts in search_space.combinations(search.space))


def _combinations(search: Search, trials: "Sequence[FrozenTrial]") -> list[tuple[str, ...]]:
    """Return each trial's combination of a grid; each value is its text."""
    assigned = [trial.system_attrs.get(FIXED, {}) | trial.params for trial in trials]
    return [tuple(values.get(key, "") for key in search.space) for values in assigned]


def next_combination(study: "optuna.Study", search: Search) -> dict[str, str] | None:
    """Return the untried combination of a grid with the fewest failures, or None."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    states = [trial.state for trial in trials]
    attempts = list(zip(_combinations(search, trials), states, strict=True))
    untried = {TrialState.FAIL, TrialState.WAITING}  # older versions enqueued every combination
    tried = {combination for combination, state in attempts if state not in untried}
    failures = Counter(combination for combination, state in attempts if state == TrialState.FAIL)
    missing = [
        combination
        for combination in search_space.combinations(search.space)
        if tuple(combination.values()) not in tried
    ]
    return min(missing, key=lambda values: failures[tuple(values.values())], default=None)


def read(search: Search) -> Study:
    """Return the study in the folder of a search."""
    with quiet():
        study = _load(search)
        trials = study.get_trials(deepcopy=False) if study else []
        found = tuple(
            to_trial(trial, search.space) for trial in trials if trial.state.name != "WAITING"
        )
        return Study(found, _importances(study, found) if study else {})


def check_files(search: Search) -> None:
    """Raise if the folder has a file that the study would replace and did not write."""
    with quiet():
        study = _load(search)
        study_files.check(search, study.user_attrs if study else None)


def write_files(search: Search, contents: Mapping[str, bytes]) -> None:
    """Write files of a study that exists, by their names."""
    with quiet(), locked(search.folder):
        if study := _load(search):
            study_files.write(study, search, contents)


def _load(search: Search) -> "optuna.Study | None":
    """Return the study in the folder of a search, if there is one."""
    import optuna

    storage = open_journal(search.folder)
    if not storage.get_all_studies():
        return None
    study = optuna.load_study(study_name=NAME, storage=storage)
    _check(study, search)
    return study


def _importances(study: "optuna.Study", trials: Sequence[Trial]) -> dict[str, float]:
    """Return the share of the variance that each setting explains, by fANOVA (Hutter 2014)."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    if len({trial.accuracy for trial in trials if trial.state == "done"}) < 2:
        return {}
    return dict(get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0)))


def to_trial(trial: "FrozenTrial", space: Space) -> Trial:
    """Return a trial of Optuna as ours."""
    states: dict[str, State] = {
        "COMPLETE": "done",
        "PRUNED": "pruned",
        "FAIL": "failed",
        "RUNNING": "running",
    }
    values = {
        key: axis.value(trial.params[key]) if isinstance(axis, Choice) else trial.params[key]
        for key, axis in space.items()
        if key in trial.params
    }
    return Trial(
        number=trial.number,
        values=values,
        state=states[trial.state.name],
        accuracy=trial.value if trial.state.name == "COMPLETE" else None,
        seconds=trial.user_attrs.get("seconds"),
        error=trial.user_attrs.get("error", ""),
    )
