"""Hyperparameter search: trials, samplers, pruners, ended processes, the best settings."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.helpers.digits import digit_labels, digits
from tests.helpers.entries import PLAINEST, recipe
from zoo.analysis import optuna_study, search_space, tune
from zoo.analysis.tune import Search, Trial, TrialTask
from zoo.config import load
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset, LabeledImages
from zoo.errors import ConfigError, CorruptFileError
from zoo.parallel import process_identity
from zoo.parallel.open_engine import open_engine
from zoo.training import jobs

if TYPE_CHECKING:
    import optuna

TESTED: dict[str, object] = {
    "data.split": {"test": 360, "validation": 200, "seed": 42},
    "train.epochs": 2,
}


@pytest.fixture(autouse=True)
def _data() -> None:
    jobs.register_dataset(digits())


def make_search(folder: Path, *space: str, **changes: object) -> Search:
    settings: dict[str, Any] = {
        "raw": load.override(PLAINEST, list(TESTED.items())),
        "name": "digits-7",
        "space": search_space.parse(space or ["train.rate=log:0.01..1"]),
        "folder": folder / "study",
        "sampler": "random",
        "pruner": "none",
        "seed": 0,
        "seeds": [0],
        "data_digest": digits().digest,
        "data_path": None,
    }
    return Search(**(settings | changes))


def run_study(search: Search, trials: int, *, until: float | None = None) -> list[Any]:
    already = tune.open_or_create(search)
    with open_engine("serial", jobs=1) as engine:
        steps = tune.run_trials(
            search, engine, trials=trials, n_finished=already, deadline=until, clock=time.time
        )
        return list(steps)


# --- the test split -----------------------------------------------------------------------


class Untouchable(LabeledImages):
    """Images whose every use fails the test."""

    def __init__(self) -> None:
        pass

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"the test split's {name} was read")

    def __len__(self) -> int:
        raise AssertionError("the test split was counted")


def accuracy(dataset: Dataset, **changes: object) -> float:
    entry = recipe(TESTED | changes)
    return tune.validation_accuracy(entry, dataset, lambda _number, _report: None)


def test_validation_accuracy_source_test_split() -> None:
    """The test split of a source is never read."""
    without: dict[str, object] = {"data.split": {"validation": 200}}
    watched = replace(digits(), test=Untouchable())
    assert accuracy(watched, **without) == accuracy(digits(), **without)
    with pytest.raises(AssertionError, match="test split"):
        len(watched.test or ())


def test_without_test_split_of_a_drawn_split() -> None:
    """The images of a drawn test split are blank before the training; the others stay."""
    entry = recipe(TESTED)
    test_rows = np.random.RandomState(42).permutation(1797)[:360]
    seen = tune.without_test_split(entry, digits())
    assert seen.train.labels is not None
    assert not seen.train.images[test_rows].any()
    assert not seen.train.labels[test_rows].any()
    rest = np.setdiff1d(np.arange(1797), test_rows)
    assert np.array_equal(seen.train.images[rest], digits().train.images[rest])
    assert np.array_equal(seen.train.labels[rest], digit_labels()[rest])
    assert digits().train.images[test_rows].any()  # the dataset itself is not changed


def test_search_independent_of_test_images(tmp_path: Path) -> None:
    """Other test images and labels do not change the accuracy of a trial."""
    test_rows = np.random.RandomState(42).permutation(1797)[:360]
    images, labels = digits().train.images.copy(), digit_labels().copy()
    images[test_rows] = 16 - images[test_rows]
    labels[test_rows] = 9 - labels[test_rows]
    other = replace(digits(), train=LabeledImages(images, labels), digest="other")
    jobs.register_dataset(other)
    first = run_study(make_search(tmp_path / "a"), 3)
    second = run_study(make_search(tmp_path / "b", data_digest="other"), 3)
    assert [trial.accuracy for trial in first] == [trial.accuracy for trial in second]
    assert len({trial.accuracy for trial in first}) > 1


# --- trials -------------------------------------------------------------------------------


def test_trial_accuracy_is_mean_over_seeds(tmp_path: Path) -> None:
    search = make_search(tmp_path, "network.hidden=5,6", "train.rate=0.1..0.2", seeds=[3, 4])
    (trial,) = run_study(search, 1)
    expected = [
        accuracy(
            digits(), **{**dict(search_space.settings(recipe(), trial.values)), "train.seed": seed}
        )
        for seed in (3, 4)
    ]
    assert trial.accuracy == pytest.approx(sum(expected) / 2)
    assert trial.values["network.hidden"] in {5, 6}
    assert 0.1 <= trial.values["train.rate"] <= 0.2
    study = tune.read(search.folder, search.space)
    assert study.trials == (trial,)
    assert study.best == trial


def test_sampler_seed(tmp_path: Path) -> None:
    """Equal seeds choose equal settings; another seed chooses others."""
    first, again, other = (
        [trial.values for trial in run_study(make_search(tmp_path / str(number), seed=seed), 3)]
        for number, seed in enumerate((0, 0, 1))
    )
    assert first == again
    assert first != other
    assert len({str(values) for values in first}) == 3


def test_grid_each_combination_once(tmp_path: Path) -> None:
    search = make_search(tmp_path, "network.hidden=4,5", "train.rate=0.1,0.2", sampler="grid")
    tried = [tuple(trial.values.values()) for trial in run_study(search, 4)]
    assert sorted(tried) == [(4, 0.1), (4, 0.2), (5, 0.1), (5, 0.2)]


def test_run_trials_stops_at_the_number(tmp_path: Path) -> None:
    """A study ends at its number of trials, also for a late process."""
    assert [trial.number for trial in run_study(make_search(tmp_path), 2)] == [0, 1]
    assert [trial.number for trial in run_study(make_search(tmp_path), 3)] == [2]
    assert run_study(make_search(tmp_path), 3) == []
    late = TrialTask(make_search(tmp_path), (7,), trials=3, deadline=None, clock=time.time)
    assert tune.run_trial(late) is None  # other processes were faster
    found = tune.read(make_search(tmp_path).folder, make_search(tmp_path).space)
    assert [trial.state for trial in found.trials] == ["done"] * 3


def test_trial_diverged_and_values_in_conflict(tmp_path: Path) -> None:
    """Only the trial that diverges is pruned; values that exclude each other stop the study."""
    search = make_search(tmp_path, "train.rate=0.1,1e30", sampler="grid")
    done = {trial.values["train.rate"]: trial for trial in run_study(search, 2)}
    assert (done[0.1].state, done[1e30].state) == ("done", "pruned")
    assert done[1e30].error.startswith("Training diverged: the loss is NaN or infinite at step ")
    # each value is valid alone, both together are not
    both = ("train.optimizer.momentum=0.0,0.9", "train.optimizer.nesterov=true,false")
    search = make_search(
        tmp_path / "two",
        *both,
        raw=load.override(
            PLAINEST,
            [*TESTED.items(), ("train.optimizer", {"kind": "sgd", "momentum": 0.9})],
        ),
        sampler="grid",
    )
    with pytest.raises(ConfigError, match="nesterov needs a momentum above 0"):
        tune.open_or_create(search)  # the first values are a corner


def test_open_or_create_impossible_values(tmp_path: Path) -> None:
    """Invalid values are refused before the folder is created."""
    search = make_search(tmp_path, "train.rate=0.1,-1")
    with pytest.raises(ConfigError, match=r"train\.rate: expected above 0, got -1"):
        tune.open_or_create(search)
    assert not search.folder.exists()


def test_time_over(tmp_path: Path) -> None:
    """No trial begins when the time is over; the running one fails and does not count."""
    assert run_study(make_search(tmp_path), 3, until=0.0) == [None] * 3
    ticks = iter(range(100))
    task = TrialTask(make_search(tmp_path), (0,), 3, deadline=3, clock=lambda: float(next(ticks)))
    trial = tune.run_trial(task)
    assert isinstance(trial, Trial)
    assert (trial.state, trial.error) == ("failed", "the time was over")
    assert tune.open_or_create(make_search(tmp_path)) == 0


def test_grid_combination_tried_again_after_time_over(tmp_path: Path) -> None:
    search = make_search(tmp_path, "train.rate=0.1,0.2", sampler="grid")
    tune.open_or_create(search)
    ticks = iter(range(100))
    stopped = tune.run_trial(
        TrialTask(search, (0,), 2, deadline=3, clock=lambda: float(next(ticks)))
    )
    assert isinstance(stopped, Trial)
    assert stopped.state == "failed"
    assert [trial.state for trial in run_study(search, 2)] == ["done", "done"]
    study = tune.read(search.folder, search.space)
    done = [trial.values["train.rate"] for trial in study.trials if trial.state == "done"]
    assert sorted(map(str, done)) == ["0.1", "0.2"]


def test_pruner_halving(tmp_path: Path) -> None:
    """Halving prunes the bad trials and completes the best one."""
    raw = load.override(PLAINEST, [*TESTED.items(), ("train.epochs", 6)])
    search = make_search(tmp_path, "train.rate=0.3,1e-6,1e-5,1e-4", raw=raw, sampler="grid")
    states = {
        trial.values["train.rate"]: trial
        for trial in run_study(replace(search, pruner="halving"), 4)
    }
    assert {"done", "pruned"} == {trial.state for trial in states.values()}
    pruned = [trial for trial in states.values() if trial.state == "pruned"]
    assert all(trial.error.startswith("pruned after report ") for trial in pruned)
    assert states[0.3].state == "done"


# --- processes ----------------------------------------------------------------------------


ENDED = 2**30  # above the id of any process


def joined(search: Search) -> "optuna.Study":
    """Return the study as another process opens it."""
    import optuna

    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(search.folder / optuna_study.JOURNAL))
    )
    return optuna.load_study(study_name=optuna_study.NAME, storage=storage)


def states(search: Search) -> list[str]:
    return [trial.state for trial in tune.read(search.folder, search.space).trials]


def test_open_or_create_fails_trials_of_ended_processes(tmp_path: Path) -> None:
    """Trials of ended processes fail, also those of older versions, which recorded less."""
    search = make_search(tmp_path)
    tune.open_or_create(search)
    study = joined(search)
    host, process, start = process_identity.identity()
    for worker, _ in (
        workers := [
            ([host, ENDED, "then"], "failed"),
            ([host, process, "then"], "failed"),  # its id is used again
            ([host, ENDED], "failed"),
            (None, "failed"),
            ([host, process, start], "running"),
            ([host, process], "running"),
            (["elsewhere", ENDED, "then"], "running"),
        ]
    ):
        trial = study.ask()
        if worker:
            trial.set_user_attr("worker", worker)
    assert tune.open_or_create(search) == 3
    assert states(search) == [state for _, state in workers]


def test_open_or_create_trial_that_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trial that ends while it is being marked as failed keeps its result."""
    import optuna

    search = make_search(tmp_path)
    tune.open_or_create(search)
    study = joined(search)
    study.ask()
    real = optuna.Study.tell

    def late(*arguments: Any, **options: Any) -> object:
        study._storage.set_trial_state_values(0, optuna.trial.TrialState.COMPLETE, [0.5])  # noqa: SLF001 - as its process does
        return real(*arguments, **options)

    monkeypatch.setattr(optuna.Study, "tell", late)
    assert tune.open_or_create(search) == 1
    assert states(search) == ["done"]


def test_run_trial_creates_one_record(tmp_path: Path) -> None:
    """The record that creates a trial has its process and its combination."""
    search = make_search(tmp_path, "train.rate=0.1", "network.hidden=7", sampler="grid")
    run_study(search, 1)
    lines = (search.folder / optuna_study.JOURNAL).read_text().splitlines()
    (record,) = [line for line in map(json.loads, lines) if line["op_code"] == 4]  # created
    assert record["user_attrs"] == {"worker": list(process_identity.identity())}
    assert record["system_attrs"] == {"fixed_params": {"train.rate": "0.1", "network.hidden": "7"}}


@pytest.mark.parametrize("pruner", ["none", "halving"])
def test_run_trial_failed_by_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pruner: str
) -> None:
    """The result of a trial that was wrongly marked as failed becomes a new trial."""
    import optuna

    search = make_search(tmp_path, "train.rate=0.1,0.2", sampler="grid", pruner=pruner)
    tune.open_or_create(search)
    real = tune.validation_accuracy

    def marked_as_failed(*arguments: Any) -> float:
        joined(search).tell(0, state=optuna.trial.TrialState.FAIL)
        return real(*arguments)

    monkeypatch.setattr(tune, "validation_accuracy", marked_as_failed)
    trial = tune.run_trial(TrialTask(search, (0,), trials=2, deadline=None, clock=time.time))
    monkeypatch.setattr(tune, "validation_accuracy", real)
    assert isinstance(trial, Trial)
    assert (trial.number, trial.state, trial.values) == (1, "done", {"train.rate": 0.1})
    assert trial.accuracy == accuracy(digits(), **{"train.rate": 0.1})
    assert [trial.values["train.rate"] for trial in run_study(search, 2)] == [0.2]
    assert states(search) == ["failed", "done", "done"]


def test_grid_queued_by_an_older_version(tmp_path: Path) -> None:
    """A study with waiting trials, and with two that were killed, can be completed."""
    search = make_search(tmp_path, "train.rate=0.1,0.2,0.3", sampler="grid")
    tune.open_or_create(search)
    study = joined(search)
    study.enqueue_trial({"train.rate": "0.1"})
    study.enqueue_trial({})  # it failed before its values were recorded
    study.ask()
    study.ask().suggest_categorical("train.rate", ["0.1", "0.2", "0.3"])
    for text in ("0.2", "0.3"):
        study.enqueue_trial({"train.rate": text})
    assert tune.open_or_create(search) == 0
    assert sorted(str(trial.values["train.rate"]) for trial in run_study(search, 3)) == [
        "0.1",
        "0.2",
        "0.3",
    ]
    assert states(search) == ["failed", "failed", "done", "done", "done"]


def test_grid_combination_that_fails_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A combination that always fails does not block the others."""
    search = make_search(tmp_path, "train.rate=0.1,0.2,0.3", sampler="grid")
    real = tune.validation_accuracy

    def broken(entry: Entry, *arguments: Any) -> float:
        if entry.train.rate == 0.1:
            raise ArithmeticError("a bug")
        return real(entry, *arguments)

    monkeypatch.setattr(tune, "validation_accuracy", broken)
    failure, *done = run_study(search, 3)
    assert failure.reason.startswith("ArithmeticError: a bug (in broken")
    assert [trial.values["train.rate"] for trial in done] == [0.2, 0.3]
    assert tune.open_or_create(search) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": [1]},
        {"space": search_space.parse(["train.rate=log:0.01..2"])},
        {"data_digest": "other"},
        {"raw": load.override(PLAINEST, [*TESTED.items(), ("train.epochs", 3)])},
        {"space": search_space.parse(["train.rate=0.1,0.2"]), "sampler": "grid"},
    ],
    ids=["seeds", "space", "data", "recipe", "space and grid"],
)
def test_open_or_create_other_search(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Another search in the same folder is refused."""
    tune.open_or_create(make_search(tmp_path))
    with pytest.raises(ConfigError, match="holds a study of another recipe, space, seeds or data"):
        tune.open_or_create(make_search(tmp_path, **changes))


# --- results ------------------------------------------------------------------------------


def test_importances(tmp_path: Path) -> None:
    """The setting that explains the accuracies has nearly all of the importance."""
    search = make_search(tmp_path, "train.rate=0.001,0.3", "train.batch=16,17", sampler="grid")
    run_study(search, 4)
    shares = tune.read(search.folder, search.space).importances
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["train.rate"] > 0.9


def test_best_toml() -> None:
    """The entry with the best settings trains on the validation images too."""
    search = make_search(Path(), "network.hidden=5,6", "train.rate=0.1..0.2")
    best = Trial(3, {"network.hidden": 6, "train.rate": 0.15}, "done", 0.9123, 1.0, "")
    raw = load.override(PLAINEST, [("data.split", {"test": 360, "seed": 42})])
    text = tune.best_toml(search, raw, best, trials=9)
    assert text.splitlines()[:2] == [
        "# zoo tune digits-7: trial 3 of 9 reached 91.23 % on the validation split,",
        "# the mean over seed 0; the test split was not looked at.",
    ]
    found = load.check(load.parse(text, where="best.toml"), where="best.toml")
    assert (found.name, found.variant_of) == ("digits-7-tuned", "digits-7")
    assert (found.network.hidden, found.train.rate) == ((6,), 0.15)
    assert found.data.split.validation == 0
    assert found.data.train_rows == 1437


def test_best_toml_with_patience() -> None:
    """Settings with early stopping keep the validation split."""
    search = make_search(Path(), "train.patience=2,3")
    best = Trial(0, {"train.patience": 2}, "done", 0.9, 1.0, "")
    raw = load.override(PLAINEST, [("data.split", {"test": 360, "seed": 42})])
    text = tune.best_toml(search, raw, best, trials=2)
    entry = load.check(load.parse(text, where="best.toml"), where="best.toml")
    assert entry.train.patience == 2
    validation = load.check(search.raw, where="it").data.split.validation
    assert entry.data.split.validation == validation > 0


def test_journal_torn_line(tmp_path: Path) -> None:
    """An incomplete last line is removed; a file that is not a journal stays as it is."""
    search = make_search(tmp_path)
    run_study(search, 2)
    journal = search.folder / optuna_study.JOURNAL
    complete = journal.read_bytes()
    journal.write_bytes(complete + b'{"op_code": 6, "wor')
    assert tune.open_or_create(search) == 2
    assert journal.read_bytes().startswith(complete)
    run_study(search, 3)
    assert len(tune.read(search.folder, search.space).trials) == 3
    foreign = b"another\nfile"
    journal.write_bytes(foreign)
    with pytest.raises(CorruptFileError):
        tune.open_or_create(search)
    assert journal.read_bytes() == foreign


def test_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Optuna the reason says that it is not installed."""
    assert tune.unavailable() is None
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert tune.unavailable() == "zoo tune needs Optuna, which is not installed."
