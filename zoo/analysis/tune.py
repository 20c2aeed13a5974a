"""Hyperparameter search: Optuna chooses the values, the validation split measures them.

A study is a folder with Optuna's journal. Every process that opens the folder takes part: several
processes, several machines, or the same command after a kill. One record creates a trial with the
identity of its process and, in a grid, with its combination; so if the process is killed at any
moment, another one can mark its trial as failed. A trial's data does not have a test split.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zoo.analysis import search_space
from zoo.analysis.optuna_study import (
    JOURNAL,
    NAME,
    Pruner,
    Sampler,
    fail_abandoned_trials,
    locked,
    open_journal,
    open_study,
    quiet,
    unusable,
)
from zoo.analysis.search_space import Choice, Range, Space
from zoo.config import cache_key, load
from zoo.config.entry import Entry, Raw
from zoo.data.dataset import Dataset, LabeledImages
from zoo.errors import ConfigError
from zoo.parallel import process_identity
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training import build, jobs
from zoo.training.jobs import TrainingJob
from zoo.training.loop import DivergedError, EpochReport
from zoo.training.prepare import prepare
from zoo.training.recorder import Clock

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

FIXED = "fixed_params"  # the attribute from which Optuna takes fixed values of a trial
ROUND = 64  # trials submitted to the engine at once; the rest is not submitted after --max-time

State = Literal["done", "pruned", "failed", "running"]  # failed: stopped before its end


@dataclass(frozen=True)
class Search:
    """The settings of a search. Sent to the worker of every trial."""

    raw: Raw  # the entry's TOML, with a validation split
    name: str
    space: Space
    folder: Path
    sampler: Sampler
    pruner: Pruner
    seed: int  # the sampler's
    seeds: Sequence[int]  # every trial trains with each of them
    data_digest: str
    data_path: Path | None  # the file or folder of --data

    def entry(self, values: search_space.Values, seed: int) -> Entry:
        """Return the entry with a trial's values; ConfigError if they exclude each other."""
        where = f"{self.name} with the values of a trial"
        plain = load.check(self.raw, where=where)
        changes = [*search_space.settings(plain, values), ("train.seed", seed)]
        return load.check(load.override(self.raw, changes), where=where)

    def data_job(self) -> TrainingJob:
        """Return a job that names the dataset of the search."""
        entry = load.check(self.raw, where=self.name)
        return TrainingJob(entry, self.data_digest, self.data_path)

    @property
    def identity(self) -> str:
        """The settings that all processes of a study must share, as JSON."""
        settings = {
            "recipe": cache_key.recipe_digest(load.check(self.raw, where=self.name)),
            "space": {key: str(axis) for key, axis in self.space.items()},
            "grid": self.sampler == "grid",
            "seeds": list(self.seeds),
            "data": self.data_digest,
        }
        return json.dumps(settings, sort_keys=True)


@dataclass(frozen=True)
class TrialTask:
    """One trial, sent to a worker."""

    search: Search
    rng_seed: tuple[int, ...]  # the sampler's; differs between tasks, so that their values do
    trials: int  # the number of trials in the whole study
    deadline: float | None  # the clock's reading at which the search ends
    clock: Clock


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


def unavailable() -> str | None:
    """Return why `zoo tune` cannot run, without importing Optuna; None if it can."""
    from importlib.util import find_spec

    return None if find_spec("optuna") else "zoo tune needs Optuna, which is not installed."


def exists(folder: Path) -> bool:
    """Whether the folder holds a study."""
    return (folder / JOURNAL).exists()


def open_or_create(search: Search) -> int:
    """Create or resume the study; return how many of its trials count.

    Trials whose process has ended, for example by a kill, become failed and do not count.
    """
    for values in search_space.grid_corners(
        search.space
    ):  # an invalid value fails before any training
        search.entry(values, search.seeds[0])
    try:
        search.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(search.folder, error) from None
    with quiet(), locked(search.folder):
        study = open_study(
            open_journal(search.folder),
            sampler=search.sampler,
            pruner=search.pruner,
            rng_seed=(search.seed,),
        )
        recorded = study.user_attrs.get("search")
        if recorded is None:
            study.set_user_attr("search", search.identity)
        elif recorded != search.identity:
            raise ConfigError(
                f"{search.folder} holds a study of another recipe, space, seeds or data, "
                "or one is a grid and the other is not.",
                hint="Choose another folder: --study DIR.",
            )
        fail_abandoned_trials(study)
        return _trial_count(study, search)


def _trial_count(study: "optuna.Study", search: Search) -> int:
    """Return how many trials are done or running; for a grid, how many combinations."""
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    trials = study.get_trials(deepcopy=False, states=states)
    return len(set(_combinations(search, trials)) if search.sampler == "grid" else trials)


def _combinations(search: Search, trials: "Sequence[FrozenTrial]") -> list[tuple[str, ...]]:
    """Return each trial's combination of a grid; each value is its text."""
    assigned = [trial.system_attrs.get(FIXED, {}) | trial.params for trial in trials]
    return [tuple(values.get(key, "") for key in search.space) for values in assigned]


def _next_combination(study: "optuna.Study", search: Search) -> dict[str, str] | None:
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


def run_trials(
    search: Search,
    engine: Engine,
    *,
    trials: int,
    n_finished: int,
    deadline: float | None,
    clock: Clock,
    process_seed: int = 0,
) -> Iterator[Trial | Failure | None]:
    """Run the missing trials on the engine; yield each, or None when the time is over.

    `process_seed` is a random number for a process that joins a study, so that its sampler chooses
    other values than the process that created the study.
    """
    for start in range(n_finished, trials, ROUND):
        tasks = [
            TrialTask(search, (search.seed, process_seed, number), trials, deadline, clock)
            for number in range(start, min(start + ROUND, trials))
        ]
        for _, result in engine.run(run_trial, tasks, supply=jobs.serialized_dataset):
            yield result
        if deadline is not None and clock() >= deadline:
            return


def run_trial(task: TrialTask) -> Trial | None:
    """Run one trial of the study; None if the time is over or there are enough trials."""
    import optuna

    if task.deadline is not None and task.clock() >= task.deadline:
        return None
    with quiet():
        storage = open_journal(task.search.folder)
        study = open_study(
            storage,
            sampler=task.search.sampler,
            pruner=task.search.pruner,
            rng_seed=task.rng_seed,
        )
        trial = _create(task, storage, study)
        if trial is None:
            return None
        state, accuracy, start = optuna.trial.TrialState.FAIL, None, task.clock()
        notes: dict[str, object] = {}
        try:
            values = {key: _suggest(trial, key, axis) for key, axis in task.search.space.items()}
            accuracy = _accuracy(task, trial, values)
            state = optuna.trial.TrialState.COMPLETE
        except (_PrunedError, DivergedError, ConfigError) as reason:
            notes["error"] = str(reason)
            state = optuna.trial.TrialState.PRUNED
        except _TimeOverError:
            notes["error"] = "the time was over"
        finally:
            notes["seconds"] = task.clock() - start
            number = _finish(storage, study, trial, state=state, accuracy=accuracy, notes=notes)
        return _to_trial(study.trials[number], task.search.space)


def _create(
    task: TrialTask, storage: "optuna.storages.JournalStorage", study: "optuna.Study"
) -> "optuna.Trial | None":
    """Create a trial with its process, and in a grid its combination; None if there are enough.

    It is one record, so that a kill leaves either no trial or one whose process is known.
    """
    import optuna

    search = task.search
    with locked(search.folder):
        fail_abandoned_trials(study)  # the trial of a worker that died is tried again
        if _trial_count(study, search) >= task.trials:
            return None
        fixed: dict[str, Any] = {}
        if search.sampler == "grid":
            combination = _next_combination(study, search)
            if combination is None:
                return None
            fixed = {FIXED: combination}
        record = optuna.trial.create_trial(
            state=optuna.trial.TrialState.RUNNING,
            user_attrs={"worker": list(process_identity.identity())},
            system_attrs=fixed,
        )
        created = storage.create_new_trial(storage.get_study_id_from_name(NAME), record)
    return optuna.trial.Trial(study, created)


def _finish(
    storage: "optuna.storages.JournalStorage",
    study: "optuna.Study",
    trial: "optuna.Trial",
    *,
    state: "optuna.trial.TrialState",
    accuracy: float | None,
    notes: dict[str, object],
) -> int:
    """Record the end of a trial; return the number of the trial that holds its result.

    If a process on another host has marked this trial as failed, a new trial holds the result.
    """
    import optuna

    try:
        for key, value in notes.items():
            trial.set_user_attr(key, value)
        study.tell(trial, accuracy, state=state)
    except (ValueError, RuntimeError):
        if study.trials[trial.number].state != optuna.trial.TrialState.FAIL:
            raise
        if state != optuna.trial.TrialState.FAIL:
            result = optuna.trial.create_trial(
                state=state,
                value=accuracy,
                params=trial.params,
                distributions=trial.distributions,
                user_attrs=trial.user_attrs | notes,
            )
            created = storage.create_new_trial(storage.get_study_id_from_name(NAME), result)
            return storage.get_trial(created).number
    return trial.number


class _PrunedError(Exception):
    """The pruner stopped a trial."""


class _TimeOverError(Exception):
    """The time of the search ended within a trial."""


def _accuracy(task: TrialTask, trial: "optuna.Trial", values: search_space.Values) -> float:
    """Return the mean accuracy on the validation split over the seeds."""
    search = task.search
    dataset = jobs.resolve_dataset(search.data_job())
    accuracies = []
    for seed in search.seeds:

        def on_report(
            number: int, report: EpochReport, *, first: bool = seed == search.seeds[0]
        ) -> None:
            if task.deadline is not None and task.clock() >= task.deadline:
                raise _TimeOverError
            if first and report.held_out:
                try:
                    trial.report(report.held_out.accuracy, number)
                    prune = trial.should_prune()
                except RuntimeError:  # it was marked as failed (see `_finish`); its result counts
                    prune = False
                if prune:
                    raise _PrunedError(f"pruned after report {number}")

        accuracies.append(validation_accuracy(search.entry(values, seed), dataset, on_report))
    return fmean(accuracies)


def validation_accuracy(
    entry: Entry, dataset: Dataset, on_report: Callable[[int, EpochReport], None]
) -> float:
    """Train without the test split; return the accuracy on the validation split."""
    prepared = prepare(entry.model_copy(update={"claim": None}), without_test_split(entry, dataset))
    number = 0
    for report in prepared.training:
        if report:
            number += 1
            on_report(number, report)
    with prepared.training.final_weights():
        return prepared.training.evaluate(prepared.subsets["validation"]).accuracy


def without_test_split(entry: Entry, dataset: Dataset) -> Dataset:
    """Return the dataset without its test images; rows of a drawn test split become blank."""
    if not entry.data.split.test:
        return replace(dataset, test=None)
    test = build.splits(entry, dataset, seed=entry.train.seed).test
    pool = dataset.train
    images = pool.images.copy()
    labels = None if pool.labels is None else pool.labels.copy()
    rows = np.empty(0, np.intp) if test is None else test.rows
    images[rows] = 0
    if labels is not None:
        labels[rows] = 0
    return replace(dataset, train=LabeledImages(images, labels), test=None)


def _suggest(trial: "optuna.Trial", key: str, axis: Range | Choice) -> object:
    if isinstance(axis, Choice):
        return axis.value(trial.suggest_categorical(key, axis.texts))
    if axis.is_integer:
        return trial.suggest_int(key, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(key, axis.low, axis.high, log=axis.log)


def read(folder: Path, space: Space) -> Study:
    """Return the study in a folder."""
    import optuna

    with quiet():
        study = optuna.load_study(study_name=NAME, storage=open_journal(folder))
        waiting = optuna.trial.TrialState.WAITING
        trials = tuple(
            _to_trial(trial, space)
            for trial in study.get_trials(deepcopy=False)
            if trial.state != waiting
        )
        return Study(trials, _importances(study, trials))


def _importances(study: "optuna.Study", trials: Sequence[Trial]) -> dict[str, float]:
    """Return the share of the variance that each setting explains, by fANOVA (Hutter 2014)."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    if len({trial.accuracy for trial in trials if trial.state == "done"}) < 2:
        return {}
    return dict(get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0)))


def _to_trial(trial: "FrozenTrial", space: Space) -> Trial:
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


def best_toml(search: Search, raw: Raw, best: Trial, *, trials: int) -> str:
    """Return the TOML of the entry with the best settings; it trains on the validation rows too."""
    import tomli_w

    plain = load.check(raw, where=search.name)
    changed = load.override(
        raw,
        [
            *search_space.settings(plain, best.values),
            ("name", f"{search.name}-tuned"),
            ("variant_of", search.name),
            *((key, None) for key in ("origin", "results", "weights")),
        ],
    )
    if "patience" in changed["train"]:  # early stopping needs the validation split
        held_out = load.check(search.raw, where=search.name).data.split.validation
        changed = load.override(changed, [("data.split.validation", held_out)])
    load.check(changed, where="the best settings of the search")
    seeds = "seed" if len(search.seeds) == 1 else "seeds"
    comment = (
        f"# zoo tune {search.name}: trial {best.number} of {trials} reached "
        f"{100 * (best.accuracy or 0):.2f} % on the validation split,\n"
        f"# the mean over {seeds} {', '.join(map(str, search.seeds))}; the test split was not "
        "looked at.\n"
    )
    return comment + tomli_w.dumps(changed)
