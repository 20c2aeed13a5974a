"""One trial of a search: values from the sampler, measured on the validation split.

One record creates a trial with the identity of its process and, in a grid, with its combination; so
if the process is killed at any moment, another one can mark its trial as failed. A trial's data
does not have a test split.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.analysis import search_space
from zoo.analysis.deadline import Deadline
from zoo.analysis.optuna_study import (
    NAME,
    fail_abandoned_trials,
    open_journal,
    open_study,
    quiet,
)
from zoo.analysis.search import Search
from zoo.analysis.search_space import Choice, Range
from zoo.analysis.studies import Trial, next_combination, to_trial, trial_count
from zoo.analysis.study_check import FIXED
from zoo.analysis.study_folder import StudyWriteError, locked
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset, LabeledImages
from zoo.errors import ConfigError
from zoo.parallel import process_identity
from zoo.training import build, jobs
from zoo.training.loop import DivergedError, EpochReport
from zoo.training.prepare import prepare
from zoo.training.recorder import Clock

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class TrialTask:
    """One trial, sent to a worker."""

    search: Search
    rng_seed: tuple[int, ...]  # the sampler's; differs between tasks, so that their values do
    trials: int  # the number of trials in the whole study
    deadline: Deadline | None
    clock: Clock


def run_trial(task: TrialTask) -> Trial | StudyWriteError | None:
    """Run one trial of the study; None if the time is over or there are enough trials.

    Return the error if it cannot be recorded.
    """
    if task.deadline and task.deadline.is_over:
        return None
    try:
        return _run(task)
    except StudyWriteError as error:
        return error


def _run(task: TrialTask) -> Trial | None:
    import optuna

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
        return to_trial(study.trials[number], task.search.space)


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
        if trial_count(study, search) >= task.trials:
            return None
        fixed: dict[str, Any] = {}
        if search.sampler == "grid":
            combination = next_combination(study, search)
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
            if task.deadline and task.deadline.is_over:
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
