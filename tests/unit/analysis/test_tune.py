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
from zoo.config import entry as config
from zoo.data.dataset import Dataset, LabeledImages
from zoo.errors import ConfigError, CorruptFileError
from zoo.parallel import processes
from zoo.parallel.open import open_engine
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


def search(folder: Path, *space: str, **changes: object) -> Search:
    known: dict[str, Any] = {
        "raw": config.override(PLAINEST, list(TESTED.items())),
        "name": "digits-7",
        "space": search_space.parse(space or ["train.rate=log:0.01..1"]),
        "folder": folder / "study",
        "sampler": "random",
        "pruner": "none",
        "seed": 0,
        "seeds": [0],
        "data": digits().digest,
        "given": None,
    }
    return Search(**(known | changes))


def made(wanted: Search, trials: int, *, until: float | None = None) -> list[Any]:
    already = tune.begin(wanted)
    with open_engine("serial", jobs=1) as engine:
        steps = tune.make(
            wanted, engine, trials=trials, already=already, until=until, clock=time.time
        )
        return list(steps)


# --- the test split -----------------------------------------------------------------------


class Untouchable(LabeledImages):
    """Pictures that nobody may look at."""

    def __init__(self) -> None:
        pass

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"somebody asks the test split for its {name}")

    def __len__(self) -> int:
        raise AssertionError("somebody counts the test split")


def accuracy(dataset: Dataset, **changes: object) -> float:
    entry = recipe(TESTED | changes)
    return tune.validation_accuracy(entry, dataset, lambda _number, _report: None)


def test_validated_source_test_split() -> None:
    """A test split of the source's own is never touched."""
    without: dict[str, object] = {"data.split": {"validation": 200}}
    watched = replace(digits(), test=Untouchable())
    assert accuracy(watched, **without) == accuracy(digits(), **without)
    with pytest.raises(AssertionError, match="test split"):
        len(watched.test or ())


def test_blind_drawn_test_split() -> None:
    """Images of a test split that is drawn are blank before the training; the others stay."""
    entry = recipe(TESTED)
    drawn = np.random.RandomState(42).permutation(1797)[:360]  # as the splits are drawn
    seen = tune.without_test_split(entry, digits())
    assert seen.train.labels is not None
    assert not seen.train.images[drawn].any()
    assert not seen.train.labels[drawn].any()
    rest = np.setdiff1d(np.arange(1797), drawn)
    assert np.array_equal(seen.train.images[rest], digits().train.images[rest])
    assert np.array_equal(seen.train.labels[rest], digit_labels()[rest])
    assert digits().train.images[drawn].any()  # the data itself stays


def test_search_independent_of_test_images(tmp_path: Path) -> None:
    """Other test images and labels change no accuracy of a trial."""
    drawn = np.random.RandomState(42).permutation(1797)[:360]
    images, labels = digits().train.images.copy(), digit_labels().copy()
    images[drawn] = 16 - images[drawn]
    labels[drawn] = 9 - labels[drawn]
    other = replace(digits(), train=LabeledImages(images, labels), digest="other")
    jobs.register_dataset(other)
    ours = made(search(tmp_path / "a"), 3)
    theirs = made(search(tmp_path / "b", data="other"), 3)
    assert [one.accuracy for one in ours] == [one.accuracy for one in theirs]
    assert len({one.accuracy for one in ours}) > 1


# --- trials -------------------------------------------------------------------------------


def test_trial_accuracy_is_mean_over_seeds(tmp_path: Path) -> None:
    wanted = search(tmp_path, "network.hidden=5,6", "train.rate=0.1..0.2", seeds=[3, 4])
    (one,) = made(wanted, 1)
    expected = [
        accuracy(
            digits(), **{**dict(search_space.settings(recipe(), one.values)), "train.seed": seed}
        )
        for seed in (3, 4)
    ]
    assert one.accuracy == pytest.approx(sum(expected) / 2)
    assert one.values["network.hidden"] in {5, 6}
    assert 0.1 <= one.values["train.rate"] <= 0.2
    found = tune.read(wanted.folder, wanted.space)
    assert found.trials == (one,)
    assert found.best == one


def test_sampler_seed(tmp_path: Path) -> None:
    """Equal seeds choose equal settings, and another seed others."""
    first, again, other = (
        [one.values for one in made(search(tmp_path / str(place), seed=seed), 3)]
        for place, seed in enumerate((0, 0, 1))
    )
    assert first == again
    assert first != other
    assert len({str(values) for values in first}) == 3


def test_grid_each_combination_once(tmp_path: Path) -> None:
    wanted = search(tmp_path, "network.hidden=4,5", "train.rate=0.1,0.2", sampler="grid")
    tried = [tuple(one.values.values()) for one in made(wanted, 4)]
    assert sorted(tried) == [(4, 0.1), (4, 0.2), (5, 0.1), (5, 0.2)]


def test_make_stops_at_the_number_of_trials(tmp_path: Path) -> None:
    """A study goes on to its number of trials and no further, also for a late process."""
    assert [one.number for one in made(search(tmp_path), 2)] == [0, 1]
    assert [one.number for one in made(search(tmp_path), 3)] == [2]
    assert made(search(tmp_path), 3) == []
    late = TrialTask(search(tmp_path), (7,), trials=3, until=None, clock=time.time)
    assert tune.run_trial(late) is None  # others were faster
    found = tune.read(search(tmp_path).folder, search(tmp_path).space)
    assert [one.state for one in found.trials] == ["done"] * 3


def test_trial_diverged_and_values_in_conflict(tmp_path: Path) -> None:
    """A trial that diverges is pruned alone; values that exclude each other stop the study."""
    wanted = search(tmp_path, "train.rate=0.1,1e30", sampler="grid")
    done = {one.values["train.rate"]: one for one in made(wanted, 2)}
    assert (done[0.1].state, done[1e30].state) == ("done", "pruned")
    assert done[1e30].error.startswith("The loss is no finite number any more at step ")
    # each value alone is possible, both together are not
    both = ("train.optimizer.momentum=0.0,0.9", "train.optimizer.nesterov=true,false")
    wanted = search(
        tmp_path / "two",
        *both,
        raw=config.override(
            PLAINEST,
            [*TESTED.items(), ("train.optimizer", {"kind": "sgd", "momentum": 0.9})],
        ),
        sampler="grid",
    )
    with pytest.raises(ConfigError, match="nesterov needs a momentum above 0"):
        tune.begin(wanted)  # the first of each is a corner


def test_begin_impossible_values(tmp_path: Path) -> None:
    """Values that no trial could have are refused before there is a folder."""
    wanted = search(tmp_path, "train.rate=0.1,-1")
    with pytest.raises(ConfigError, match=r"train\.rate: expected above 0, got -1"):
        tune.begin(wanted)
    assert not wanted.folder.exists()


def test_time_over(tmp_path: Path) -> None:
    """No trial begins when the time is over, and the one that runs fails and does not count."""
    assert made(search(tmp_path), 3, until=0.0) == [None] * 3
    ticks = iter(range(100))
    task = TrialTask(search(tmp_path), (0,), 3, until=3, clock=lambda: float(next(ticks)))
    ended = tune.run_trial(task)
    assert isinstance(ended, Trial)
    assert (ended.state, ended.error) == ("failed", "the time was over")
    assert tune.begin(search(tmp_path)) == 0  # it does not count


def test_grid_combination_tried_again_after_time_over(tmp_path: Path) -> None:
    wanted = search(tmp_path, "train.rate=0.1,0.2", sampler="grid")
    tune.begin(wanted)
    ticks = iter(range(100))
    cut = tune.run_trial(TrialTask(wanted, (0,), 2, until=3, clock=lambda: float(next(ticks))))
    assert isinstance(cut, Trial)
    assert cut.state == "failed"
    assert [one.state for one in made(wanted, 2)] == ["done", "done"]
    found = tune.read(wanted.folder, wanted.space)
    done = [one.values["train.rate"] for one in found.trials if one.state == "done"]
    assert sorted(map(str, done)) == ["0.1", "0.2"]


def test_pruner_halving(tmp_path: Path) -> None:
    """Halving prunes what does badly, and the best is done."""
    raw = config.override(PLAINEST, [*TESTED.items(), ("train.epochs", 6)])
    wanted = search(tmp_path, "train.rate=0.3,1e-6,1e-5,1e-4", raw=raw, sampler="grid")
    states = {one.values["train.rate"]: one for one in made(replace(wanted, pruner="halving"), 4)}
    assert {"done", "pruned"} == {one.state for one in states.values()}
    given_up = [one for one in states.values() if one.state == "pruned"]
    assert all("not worth going on with after report" in one.error for one in given_up)
    assert states[0.3].state == "done"


# --- processes ----------------------------------------------------------------------------


ENDED = 2**30  # above the id of any process


def joined(wanted: Search) -> "optuna.Study":
    """Return the study as another process sees it."""
    import optuna

    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(wanted.folder / optuna_study.JOURNAL))
    )
    return optuna.load_study(study_name=optuna_study.NAME, storage=storage)


def states(wanted: Search) -> list[str]:
    return [one.state for one in tune.read(wanted.folder, wanted.space).trials]


def test_begin_gives_up_trials_of_ended_processes(tmp_path: Path) -> None:
    """Also of older versions, which noted no start time, or nothing before they were killed."""
    wanted = search(tmp_path)
    tune.begin(wanted)
    study = joined(wanted)
    host, process, start = processes.identity()
    for worker, _ in (
        known := [
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
    assert tune.begin(wanted) == 3
    assert states(wanted) == [state for _, state in known]


def test_begin_trial_that_ends_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that ends while it is being given up keeps its result."""
    import optuna

    wanted = search(tmp_path)
    tune.begin(wanted)
    study = joined(wanted)
    study.ask()
    real = optuna.Study.tell

    def late(*arguments: Any, **options: Any) -> object:
        study._storage.set_trial_state_values(0, optuna.trial.TrialState.COMPLETE, [0.5])  # noqa: SLF001 - as its process does
        return real(*arguments, **options)

    monkeypatch.setattr(optuna.Study, "tell", late)
    assert tune.begin(wanted) == 1
    assert states(wanted) == ["done"]


def test_attempt_creates_a_trial_in_one_record(tmp_path: Path) -> None:
    """No process can read a trial that runs without its process and its combination."""
    wanted = search(tmp_path, "train.rate=0.1", "network.hidden=7", sampler="grid")
    made(wanted, 1)
    lines = (wanted.folder / optuna_study.JOURNAL).read_text().splitlines()
    (record,) = [line for line in map(json.loads, lines) if line["op_code"] == 4]  # created
    assert record["user_attrs"] == {"worker": list(processes.identity())}
    assert record["system_attrs"] == {"fixed_params": {"train.rate": "0.1", "network.hidden": "7"}}


@pytest.mark.parametrize("pruner", ["none", "halving"])
def test_attempt_given_up_by_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pruner: str
) -> None:
    """The result of a trial that was taken for dead becomes a trial of its own."""
    import optuna

    wanted = search(tmp_path, "train.rate=0.1,0.2", sampler="grid", pruner=pruner)
    tune.begin(wanted)
    real = tune.validation_accuracy

    def given_up(*arguments: Any) -> float:
        joined(wanted).tell(0, state=optuna.trial.TrialState.FAIL)
        return real(*arguments)

    monkeypatch.setattr(tune, "validation_accuracy", given_up)
    kept = tune.run_trial(TrialTask(wanted, (0,), trials=2, until=None, clock=time.time))
    monkeypatch.setattr(tune, "validation_accuracy", real)
    assert isinstance(kept, Trial)
    assert (kept.number, kept.state, kept.values) == (1, "done", {"train.rate": 0.1})
    assert kept.accuracy == accuracy(digits(), **{"train.rate": 0.1})
    assert [one.values["train.rate"] for one in made(wanted, 2)] == [0.2]
    assert states(wanted) == ["failed", "done", "done"]


def test_grid_queued_by_an_older_version(tmp_path: Path) -> None:
    """A study with waiting trials, and with two that were killed, is finished all the same."""
    wanted = search(tmp_path, "train.rate=0.1,0.2,0.3", sampler="grid")
    tune.begin(wanted)
    study = joined(wanted)
    study.enqueue_trial({"train.rate": "0.1"})
    study.enqueue_trial({})  # given up before its values were noted
    study.ask()
    study.ask().suggest_categorical("train.rate", ["0.1", "0.2", "0.3"])
    for text in ("0.2", "0.3"):
        study.enqueue_trial({"train.rate": text})
    assert tune.begin(wanted) == 0
    assert sorted(str(one.values["train.rate"]) for one in made(wanted, 3)) == ["0.1", "0.2", "0.3"]
    assert states(wanted) == ["failed", "failed", "done", "done", "done"]


def test_grid_combination_that_fails_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A combination that fails for ever keeps no other from being tried."""
    wanted = search(tmp_path, "train.rate=0.1,0.2,0.3", sampler="grid")
    real = tune.validation_accuracy

    def broken(entry: config.Entry, *arguments: Any) -> float:
        if entry.train.rate == 0.1:
            raise ArithmeticError("a bug")
        return real(entry, *arguments)

    monkeypatch.setattr(tune, "validation_accuracy", broken)
    failure, *done = made(wanted, 3)
    assert failure.reason.startswith("ArithmeticError: a bug (in broken")
    assert [one.values["train.rate"] for one in done] == [0.2, 0.3]
    assert tune.begin(wanted) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": [1]},
        {"space": search_space.parse(["train.rate=log:0.01..2"])},
        {"data": "other"},
        {"raw": config.override(PLAINEST, [*TESTED.items(), ("train.epochs", 3)])},
        {"space": search_space.parse(["train.rate=0.1,0.2"]), "sampler": "grid"},
    ],
    ids=["seeds", "space", "data", "recipe", "space and grid"],
)
def test_begin_other_search(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Another search in the same folder is refused."""
    tune.begin(search(tmp_path))
    with pytest.raises(ConfigError, match="holds a study of another recipe, space, seeds or data"):
        tune.begin(search(tmp_path, **changes))


# --- results ------------------------------------------------------------------------------


def test_importances(tmp_path: Path) -> None:
    """The setting that makes the difference has nearly all of the importance."""
    wanted = search(tmp_path, "train.rate=0.001,0.3", "train.batch=16,17", sampler="grid")
    made(wanted, 4)
    shares = tune.read(wanted.folder, wanted.space).importances
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["train.rate"] > 0.9


def test_best_toml() -> None:
    """The best settings are an entry that trains on the validation images, too."""
    wanted = search(Path(), "network.hidden=5,6", "train.rate=0.1..0.2")
    best = Trial(3, {"network.hidden": 6, "train.rate": 0.15}, "done", 0.9123, 1.0, "")
    raw = config.override(PLAINEST, [("data.split", {"test": 360, "seed": 42})])
    text = tune.best_toml(wanted, raw, best, trials=9)
    assert text.splitlines()[:2] == [
        "# zoo tune digits-7: trial 3 of 9 reached 91.23 % on the validation split,",
        "# the mean over seed 0; the test split was not looked at.",
    ]
    found = config.check(config.parse(text, where="best.toml"), where="best.toml")
    assert (found.name, found.variant_of) == ("digits-7-tuned", "digits-7")
    assert (found.network.hidden, found.train.rate) == ((6,), 0.15)
    assert found.data.split.validation == 0
    assert found.data.train_rows == 1437


def test_best_toml_with_patience() -> None:
    """Settings that watch the validation split keep it."""
    wanted = search(Path(), "train.patience=2,3")
    best = Trial(0, {"train.patience": 2}, "done", 0.9, 1.0, "")
    raw = config.override(PLAINEST, [("data.split", {"test": 360, "seed": 42})])
    text = tune.best_toml(wanted, raw, best, trials=2)
    found = config.check(config.parse(text, where="best.toml"), where="best.toml")
    assert found.train.patience == 2
    validation = config.check(wanted.raw, where="it").data.split.validation
    assert found.data.split.validation == validation > 0


def test_journal_torn_line(tmp_path: Path) -> None:
    """A last line that a kill has torn is cut off; a foreign file stays as it is."""
    wanted = search(tmp_path)
    made(wanted, 2)
    journal = wanted.folder / optuna_study.JOURNAL
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code": 6, "wor')
    assert tune.begin(wanted) == 2
    assert journal.read_bytes().startswith(whole)
    made(wanted, 3)
    assert len(tune.read(wanted.folder, wanted.space).trials) == 3
    foreign = b"somebody's\nown words"
    journal.write_bytes(foreign)
    with pytest.raises(CorruptFileError):
        tune.begin(wanted)
    assert journal.read_bytes() == foreign


def test_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Optuna a sentence says so."""
    assert tune.unavailable() is None
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert tune.unavailable() == "zoo tune needs Optuna, which is not installed."
