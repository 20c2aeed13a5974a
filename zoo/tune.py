"""A search for better settings: Optuna chooses, zoo trains, validation pictures judge.

A study is a folder with Optuna's journal in it, so that whoever points at it takes part: several
processes, several machines, or the same command after a kill. No trial can see the test split: the
data it is given has none.
"""

import json
import os
import socket
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zoo import build, config, keys, spaces, trainings
from zoo.config import Entry, Raw
from zoo.data.dataset import Dataset, Pool
from zoo.engines.engine import Engine
from zoo.engines.work import Failure
from zoo.errors import ConfigError, CorruptFile, ZooError
from zoo.record import Clock
from zoo.spaces import Choice, Range, Space
from zoo.training import Diverged, Report, prepare
from zoo.trainings import Wish

if TYPE_CHECKING:
    import optuna
    from optuna.storages.journal import JournalFileSymlinkLock

JOURNAL = "journal.log"
NAME = "zoo"  # of the study in the journal
ROUND = 64  # trials that are handed out together, and dropped together when the time is over

Sampler = Literal["tpe", "random", "grid"]
Pruner = Literal["halving", "none"]
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

    def entry(self, values: spaces.Values, seed: int) -> Entry:
        """Return the entry with chosen values; ConfigError, if they do not go together."""
        where = f"{self.name} with the values of a trial"
        plain = config.check(self.raw, where=where)
        changes = [*spaces.settings(plain, values), ("train.seed", seed)]
        return config.check(config.override(self.raw, changes), where=where)

    def wish(self) -> Wish:
        """Return what names the data that is needed."""
        entry = config.check(self.raw, where=self.name)
        return Wish(entry, self.data, self.given)

    @property
    def record(self) -> str:
        """What must be the same for all who take part in a study."""
        known = {
            "recipe": keys.recipe(config.check(self.raw, where=self.name)),
            "space": {key: str(axis) for key, axis in self.space.items()},
            "grid": self.sampler == "grid",
            "seeds": list(self.seeds),
            "data": self.data,
        }
        return json.dumps(known, sort_keys=True)


@dataclass(frozen=True)
class Task:
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
    for values in spaces.corners(search.space):  # before anything is trained for nothing
        search.entry(values, search.seeds[0])
    try:
        search.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(search.folder, error) from None
    with _quiet():
        study = _open(search, (search.seed,))
        known = study.user_attrs.get("search")
        if known is None:
            study.set_user_attr("search", search.record)
            if search.sampler == "grid":
                for combination in spaces.combinations(search.space):
                    study.enqueue_trial(combination)
        elif known != search.record:
            raise ConfigError(
                f"{search.folder} holds a study of another recipe, space, seeds or data, "
                "or one is a grid and the other is not.",
                hint="--study DIR names another folder.",
            )
        _give_up(study, search)
        return _counting(study)


def _give_up(study: "optuna.Study", search: Search) -> None:
    """Call failed what no process works on any more."""
    import optuna

    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        host, process = trial.user_attrs.get("worker", (None, None))
        if host == socket.gethostname() and not _lives(process):
            try:
                study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            except (ValueError, RuntimeError):  # another process was faster, and tries it again
                continue
            _try_again(study, search, trial.params)


def _try_again(study: "optuna.Study", search: Search, texts: dict[str, Any]) -> None:
    """Put what did not get to its end back into a grid; elsewhere other values do as well."""
    if search.sampler == "grid":
        study.enqueue_trial(texts)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is somebody else's, but it is there
    return True


def _counting(study: "optuna.Study") -> int:
    """Return how many trials are done or under way."""
    from optuna.trial import TrialState

    counting = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    return len(study.get_trials(deepcopy=False, states=counting))


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
            Task(search, (search.seed, joins, number), trials, until, clock)
            for number in range(start, min(start + ROUND, trials))
        ]
        for _, found in engine.run(attempt, tasks, supply=trainings.packed):
            yield found
        if until is not None and clock() >= until:
            return


def attempt(task: Task) -> Trial | None:
    """Make one trial of the study, if time and the number of trials allow it."""
    import optuna

    if task.until is not None and task.clock() >= task.until:
        return None
    with _quiet():
        study = _open(task.search, task.chance)
        _give_up(study, task.search)  # of a worker that died, what it was at is tried again
        if _counting(study) >= task.trials:  # others were faster
            return None
        trial = study.ask()
        trial.set_user_attr("worker", [socket.gethostname(), os.getpid()])
        values = {key: _chosen(trial, key, axis) for key, axis in task.search.space.items()}
        state, accuracy, began = optuna.trial.TrialState.FAIL, None, task.clock()
        try:
            accuracy = _accuracy(task, trial, values)
            state = optuna.trial.TrialState.COMPLETE
        except (_Hopeless, Diverged, ConfigError) as reason:
            trial.set_user_attr("error", str(reason))
            state = optuna.trial.TrialState.PRUNED
        except _TimeOver:
            trial.set_user_attr("error", "the time was over")
        finally:
            trial.set_user_attr("seconds", task.clock() - began)
            study.tell(trial, accuracy, state=state)
            if state == optuna.trial.TrialState.FAIL:
                _try_again(study, task.search, trial.params)
        return _trial(study.trials[trial.number], task.search.space)


class _Hopeless(Exception):  # noqa: N818 - what happened to a trial
    """A trial that is not worth going on with."""


class _TimeOver(Exception):  # noqa: N818 - the same
    """A trial that has no time left."""


def _accuracy(task: Task, trial: "optuna.Trial", values: spaces.Values) -> float:
    """Return the mean accuracy on the validation split over the seeds."""
    search = task.search
    dataset = trainings.at_hand(search.wish())
    reached = []
    for seed in search.seeds:

        def told(number: int, report: Report, *, first: bool = seed == search.seeds[0]) -> None:
            if task.until is not None and task.clock() >= task.until:
                raise _TimeOver
            if first and report.held_out:
                trial.report(report.held_out.accuracy, number)
                if trial.should_prune():
                    raise _Hopeless(f"not worth going on with after report {number}")

        reached.append(validated(search.entry(values, seed), dataset, told))
    return fmean(reached)


def validated(entry: Entry, dataset: Dataset, told: Callable[[int, Report], None]) -> float:
    """Train on data that has no test split, and return the accuracy on the validation split."""
    work = prepare(entry.model_copy(update={"claim": None}), blind(entry, dataset))
    number = 0
    for report in work.training:
        if report:
            number += 1
            told(number, report)
    with work.training.settled():
        return work.training.judge(work.parts["validation"]).accuracy


def blind(entry: Entry, dataset: Dataset) -> Dataset:
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
    return replace(dataset, train=Pool(images, labels), test=None)


# --- Optuna -------------------------------------------------------------------------------


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from talking of every trial, and of what is new in it."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


def _open(search: Search, chance: Sequence[int]) -> "optuna.Study":
    import optuna

    return optuna.create_study(
        storage=_journal(search.folder),
        study_name=NAME,
        direction="maximize",
        load_if_exists=True,
        sampler=_sampler(search.sampler, chance),
        pruner=_pruner(search.pruner),
    )


def _journal(folder: Path) -> "optuna.storages.JournalStorage":
    """Return the journal of a study, read to its end."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

    path = folder / JOURNAL
    lock = JournalFileSymlinkLock(str(path))
    try:
        _cut_off_a_torn_line(path, lock)
        return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))
    except OSError as error:
        raise _unusable(folder, error) from None
    except (ValueError, LookupError, TypeError, AssertionError):  # as Optuna reads nonsense
        raise CorruptFile(f"{path} is no journal of a study.") from None


def _cut_off_a_torn_line(path: Path, lock: "JournalFileSymlinkLock") -> None:
    """Take away what a killed process, or a full disk, left of its last line."""
    if not path.exists():
        return
    content = path.read_bytes()
    first = content.partition(b"\n")[0]
    if content.endswith(b"\n") or b"\n" not in content or b'"op_code"' not in first:
        return  # nothing is torn, or it is no journal, and not ours to cut
    lock.acquire()  # or it may be a line that is being written
    try:
        whole = path.read_bytes()
        os.truncate(path, whole.rfind(b"\n") + 1)
    finally:
        lock.release()


def _unusable(folder: Path, error: OSError) -> ZooError:
    return ZooError(
        f"{folder} cannot hold a study: {error.strerror or error}.",
        hint="--study DIR names another folder.",
    )


def _sampler(name: Sampler, chance: Sequence[int]) -> "optuna.samplers.BaseSampler":
    import optuna

    seed = int(np.random.SeedSequence(list(chance)).generate_state(1)[0])
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)  # a grid waits in the study already


def _pruner(name: Pruner) -> "optuna.pruners.BasePruner":
    import optuna

    if name == "halving":
        # after 3, 9, 27 ... reports the best third goes on
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=1, reduction_factor=3, min_early_stopping_rate=1
        )
    return optuna.pruners.NopPruner()


def _chosen(trial: "optuna.Trial", key: str, axis: Range | Choice) -> object:
    if isinstance(axis, Choice):
        return axis.value(trial.suggest_categorical(key, axis.texts))
    if axis.whole:
        return trial.suggest_int(key, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(key, axis.low, axis.high, log=axis.log)


def read(folder: Path, space: Space) -> Study:
    """Return a study as it stands in its folder."""
    import optuna

    with _quiet():
        study = optuna.load_study(study_name=NAME, storage=_journal(folder))
        waiting = optuna.trial.TrialState.WAITING
        trials = tuple(
            _trial(one, space) for one in study.get_trials(deepcopy=False) if one.state != waiting
        )
        return Study(trials, _importances(study, trials))


def _importances(study: "optuna.Study", trials: Sequence[Trial]) -> dict[str, float]:
    """Return how much of the differences each setting explains, by fANOVA (Hutter 2014)."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    if len({trial.accuracy for trial in trials if trial.state == "done"}) < 2:  # noqa: PLR2004 - two make a difference
        return {}
    return dict(get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0)))


def _trial(one: Any, space: Space) -> Trial:  # noqa: ANN401 - Optuna's FrozenTrial
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
            *spaces.settings(plain, best.values),
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
