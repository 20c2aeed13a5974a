"""A search for better settings: Optuna chooses, zoo trains, validation pictures judge.

A study is a folder with Optuna's journal in it, so that whoever points at it takes part: several
processes, several machines, or the same command after a kill. One record creates a trial with the
identity of its process and, in a grid, with its combination; so whatever moment a process is killed
at, its trial can be given up. No trial can see the test split: the data it is given has none.
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
from zoo.config import cache_key
from zoo.config import entry as config
from zoo.config.entry import Entry, Raw
from zoo.data.dataset import Dataset, LabeledImages
from zoo.errors import ConfigError
from zoo.parallel import processes
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training import build, jobs
from zoo.training.jobs import TrainingJob
from zoo.training.loop import DivergedError, EpochReport, prepare
from zoo.training.recorder import Clock

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

FIXED = "fixed_params"  # the attribute by which Optuna is told the values of a trial
ROUND = 64  # trials that are handed out together, and dropped together when the time is over

State = Literal["done", "pruned", "failed", "running"]  # failed: did not get to its end


@dataclass(frozen=True)
class Search:
    """What is searched, and how: all that a trial needs to know wherever it is made."""

    raw: Raw  # of the entry, with a validation split
    name: str
    space: Space
    folder: Path
    sampler: Sampler
    pruner: Pruner
    seed: int  # of the sampler
    seeds: Sequence[int]  # that every trial trains with
    data: str  # the digest
    given: Path | None

    def entry(self, values: search_space.Values, seed: int) -> Entry:
        """Return the entry with chosen values; ConfigError, if they do not go together."""
        where = f"{self.name} with the values of a trial"
        plain = config.check(self.raw, where=where)
        changes = [*search_space.settings(plain, values), ("train.seed", seed)]
        return config.check(config.override(self.raw, changes), where=where)

    def wish(self) -> TrainingJob:
        """Return what names the data that is needed."""
        entry = config.check(self.raw, where=self.name)
        return TrainingJob(entry, self.data, self.given)

    @property
    def record(self) -> str:
        """What must be the same for all who take part in a study."""
        known = {
            "recipe": cache_key.recipe_digest(config.check(self.raw, where=self.name)),
            "space": {key: str(axis) for key, axis in self.space.items()},
            "grid": self.sampler == "grid",
            "seeds": list(self.seeds),
            "data": self.data,
        }
        return json.dumps(known, sort_keys=True)


@dataclass(frozen=True)
class TrialTask:
    """One trial as a worker gets it."""

    search: Search
    chance: tuple[int, ...]  # what no two tasks have in common, so that they choose otherwise
    trials: int  # that the study is to have
    until: float | None  # by the clock
    clock: Clock


@dataclass(frozen=True)
class Trial:
    """What a trial chose, and what came of it."""

    number: int
    values: dict[str, object]
    state: State
    accuracy: float | None  # on the validation split, the mean over the seeds
    seconds: float | None
    error: str


@dataclass(frozen=True)
class Study:
    """A study as it stands."""

    trials: tuple[Trial, ...]
    importances: dict[str, float]  # of the settings, together 1; empty while too little is known

    @property
    def best(self) -> Trial | None:
        """The trial with the highest accuracy, the first of equals."""
        done = [trial for trial in self.trials if trial.state == "done"]
        return max(done, key=lambda trial: trial.accuracy or 0, default=None)


def unavailable() -> str | None:
    """Return why there can be no search here, without importing Optuna."""
    from importlib.util import find_spec

    return None if find_spec("optuna") else "zoo tune needs Optuna, which is not installed."


def exists(folder: Path) -> bool:
    """Whether a study lies there."""
    return (folder / JOURNAL).exists()


def begin(search: Search) -> int:
    """Open the study or go on with it; return how many of its trials count.

    Trials of processes that are gone, as after a kill, are given up and do not count.
    """
    for values in search_space.corners(search.space):  # before anything is trained for nothing
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
        known = study.user_attrs.get("search")
        if known is None:
            study.set_user_attr("search", search.record)
        elif known != search.record:
            raise ConfigError(
                f"{search.folder} holds a study of another recipe, space, seeds or data, "
                "or one is a grid and the other is not.",
                hint="--study DIR names another folder.",
            )
        fail_abandoned_trials(study)
        return _counting(study, search)


def _counting(study: "optuna.Study", search: Search) -> int:
    """Return how many trials are done or under way; of a grid, how many combinations."""
    from optuna.trial import TrialState

    counting = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    trials = study.get_trials(deepcopy=False, states=counting)
    return len(set(_combinations(search, trials)) if search.sampler == "grid" else trials)


def _combinations(search: Search, trials: "Sequence[FrozenTrial]") -> list[tuple[str, ...]]:
    """Return the combination of a grid that each trial has, each value by its text."""
    known = [one.system_attrs.get(FIXED, {}) | one.params for one in trials]
    return [tuple(values.get(key, "") for key in search.space) for values in known]


def _next_combination(study: "optuna.Study", search: Search) -> dict[str, str] | None:
    """Return the untried combination of a grid that has failed least often, or None."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    states = [one.state for one in trials]
    known = list(zip(_combinations(search, trials), states, strict=True))
    free = {TrialState.FAIL, TrialState.WAITING}  # older versions let all combinations wait
    taken = {one for one, state in known if state not in free}
    failures = Counter(one for one, state in known if state == TrialState.FAIL)
    missing = [
        one for one in search_space.combinations(search.space) if tuple(one.values()) not in taken
    ]
    return min(missing, key=lambda one: failures[tuple(one.values())], default=None)


def make(
    search: Search,
    engine: Engine,
    *,
    trials: int,
    already: int,
    until: float | None,
    clock: Clock,
    joins: int = 0,
) -> Iterator[Trial | Failure | None]:
    """Let the engine make the trials that are missing; yield each, or nothing when time is up.

    `joins` is a number of its own for everybody who joins a study that somebody else began.
    """
    for start in range(already, trials, ROUND):
        tasks = [
            TrialTask(search, (search.seed, joins, number), trials, until, clock)
            for number in range(start, min(start + ROUND, trials))
        ]
        for _, found in engine.run(run_trial, tasks, supply=jobs.serialized_dataset):
            yield found
        if until is not None and clock() >= until:
            return


def run_trial(task: TrialTask) -> Trial | None:
    """Make one trial of the study, if time and the number of trials allow it."""
    import optuna

    if task.until is not None and task.clock() >= task.until:
        return None
    with quiet():
        storage = open_journal(task.search.folder)
        study = open_study(
            storage,
            sampler=task.search.sampler,
            pruner=task.search.pruner,
            rng_seed=task.chance,
        )
        trial = _create(task, storage, study)
        if trial is None:
            return None
        state, accuracy, began = optuna.trial.TrialState.FAIL, None, task.clock()
        notes: dict[str, object] = {}
        try:
            values = {key: _chosen(trial, key, axis) for key, axis in task.search.space.items()}
            accuracy = _accuracy(task, trial, values)
            state = optuna.trial.TrialState.COMPLETE
        except (_PrunedError, DivergedError, ConfigError) as reason:
            notes["error"] = str(reason)
            state = optuna.trial.TrialState.PRUNED
        except _TimeOverError:
            notes["error"] = "the time was over"
        finally:
            notes["seconds"] = task.clock() - began
            number = _end(storage, study, trial, state=state, accuracy=accuracy, notes=notes)
        return _trial(study.trials[number], task.search.space)


def _create(
    task: TrialTask, storage: "optuna.storages.JournalStorage", study: "optuna.Study"
) -> "optuna.Trial | None":
    """Create a trial with its process, and in a grid its combination; None if there are enough.

    It is one record, so that a kill leaves either no trial or one that is known to be dead.
    """
    import optuna

    search = task.search
    with locked(search.folder):
        fail_abandoned_trials(study)  # of a worker that died, what it was at is tried again
        if _counting(study, search) >= task.trials:
            return None
        fixed: dict[str, Any] = {}
        if search.sampler == "grid":
            combination = _next_combination(study, search)
            if combination is None:
                return None
            fixed = {FIXED: combination}
        record = optuna.trial.create_trial(
            state=optuna.trial.TrialState.RUNNING,
            user_attrs={"worker": list(processes.identity())},
            system_attrs=fixed,
        )
        created = storage.create_new_trial(storage.get_study_id_from_name(NAME), record)
    return optuna.trial.Trial(study, created)


def _end(
    storage: "optuna.storages.JournalStorage",
    study: "optuna.Study",
    trial: "optuna.Trial",
    *,
    state: "optuna.trial.TrialState",
    accuracy: float | None,
    notes: dict[str, object],
) -> int:
    """Write down how a trial ended; return its number, or that of the trial that holds its result.

    If a process on another host has given this trial up, a new trial holds the result.
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
    """A trial that is not worth going on with."""


class _TimeOverError(Exception):
    """A trial that has no time left."""


def _accuracy(task: TrialTask, trial: "optuna.Trial", values: search_space.Values) -> float:
    """Return the mean accuracy on the validation split over the seeds."""
    search = task.search
    dataset = jobs.resolve_dataset(search.wish())
    reached = []
    for seed in search.seeds:

        def told(
            number: int, report: EpochReport, *, first: bool = seed == search.seeds[0]
        ) -> None:
            if task.until is not None and task.clock() >= task.until:
                raise _TimeOverError
            if first and report.held_out:
                try:
                    trial.report(report.held_out.accuracy, number)
                    hopeless = trial.should_prune()
                except RuntimeError:  # it was given up as in `_end`, and its result counts
                    hopeless = False
                if hopeless:
                    raise _PrunedError(f"not worth going on with after report {number}")

        reached.append(validation_accuracy(search.entry(values, seed), dataset, told))
    return fmean(reached)


def validation_accuracy(
    entry: Entry, dataset: Dataset, told: Callable[[int, EpochReport], None]
) -> float:
    """Train on data that has no test split, and return the accuracy on the validation split."""
    work = prepare(entry.model_copy(update={"claim": None}), without_test_split(entry, dataset))
    number = 0
    for report in work.training:
        if report:
            number += 1
            told(number, report)
    with work.training.final_weights():
        return work.training.evaluate(work.subsets["validation"]).accuracy


def without_test_split(entry: Entry, dataset: Dataset) -> Dataset:
    """Return the data without its test pictures: those that are drawn from it become blank."""
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


# --- Optuna -------------------------------------------------------------------------------


def _chosen(trial: "optuna.Trial", key: str, axis: Range | Choice) -> object:
    if isinstance(axis, Choice):
        return axis.value(trial.suggest_categorical(key, axis.texts))
    if axis.whole:
        return trial.suggest_int(key, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(key, axis.low, axis.high, log=axis.log)


def read(folder: Path, space: Space) -> Study:
    """Return a study as it stands in its folder."""
    import optuna

    with quiet():
        study = optuna.load_study(study_name=NAME, storage=open_journal(folder))
        waiting = optuna.trial.TrialState.WAITING
        trials = tuple(
            _trial(one, space) for one in study.get_trials(deepcopy=False) if one.state != waiting
        )
        return Study(trials, _importances(study, trials))


def _importances(study: "optuna.Study", trials: Sequence[Trial]) -> dict[str, float]:
    """Return how much of the differences each setting explains, by fANOVA (Hutter 2014)."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    if len({trial.accuracy for trial in trials if trial.state == "done"}) < 2:
        return {}
    return dict(get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0)))


def _trial(one: "FrozenTrial", space: Space) -> Trial:
    states: dict[str, State] = {
        "COMPLETE": "done",
        "PRUNED": "pruned",
        "FAIL": "failed",
        "RUNNING": "running",
    }
    values = {
        key: axis.value(one.params[key]) if isinstance(axis, Choice) else one.params[key]
        for key, axis in space.items()
        if key in one.params
    }
    return Trial(
        number=one.number,
        values=values,
        state=states[one.state.name],
        accuracy=one.value if one.state.name == "COMPLETE" else None,
        seconds=one.user_attrs.get("seconds"),
        error=one.user_attrs.get("error", ""),
    )


def best_toml(search: Search, raw: Raw, best: Trial, *, trials: int) -> str:
    """Return the entry with the best settings, ready to be trained on all of its training data."""
    import tomli_w

    plain = config.check(raw, where=search.name)
    changed = config.override(
        raw,
        [
            *search_space.settings(plain, best.values),
            ("name", f"{search.name}-tuned"),
            ("variant_of", search.name),
            *((key, None) for key in ("origin", "results", "weights")),
        ],
    )
    if "patience" in changed["train"]:  # which watches the validation split
        held_out = config.check(search.raw, where=search.name).data.split.validation
        changed = config.override(changed, [("data.split.validation", held_out)])
    config.check(changed, where="what the search found")
    seeds = "seed" if len(search.seeds) == 1 else "seeds"
    said = (
        f"# zoo tune {search.name}: trial {best.number} of {trials} reached "
        f"{100 * (best.accuracy or 0):.2f} % on the validation split,\n"
        f"# the mean over {seeds} {', '.join(map(str, search.seeds))}; the test split was not "
        "looked at.\n"
    )
    return said + tomli_w.dumps(changed)
