"""A trial: its test split, its accuracy, how it ends, what it records."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.digits import digit_labels, digits
from tests.helpers.entries import PLAINEST, recipe
from tests.helpers.searches import TESTED, accuracy, joined, make_search, run_study, states
from zoo.analysis import search_space, studies, study_folder, trials
from zoo.analysis.deadline import Deadline
from zoo.analysis.studies import Trial
from zoo.analysis.trials import TrialTask
from zoo.config import load
from zoo.data.dataset import LabeledImages
from zoo.errors import ConfigError
from zoo.parallel import process_identity
from zoo.training import jobs


@pytest.fixture(autouse=True)
def _data() -> None:
    jobs.register_dataset(digits())


class Untouchable(LabeledImages):
    """Images whose every use fails the test."""

    def __init__(self) -> None:
        pass

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"the test split's {name} was read")

    def __len__(self) -> int:
        raise AssertionError("the test split was counted")


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
    seen = trials.without_test_split(entry, digits())
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
    study = studies.read(search)
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
        studies.open_or_create(search)  # the first values are a corner


def test_time_over(tmp_path: Path) -> None:
    """No trial begins when the time is over; the running one fails and does not count."""
    assert run_study(make_search(tmp_path), 3, deadline=Deadline(0, time.monotonic)) == [None] * 3
    ticks = iter(range(100))
    deadline = Deadline(3, lambda: float(next(ticks)))
    task = TrialTask(make_search(tmp_path), (0,), 3, deadline=deadline, clock=time.monotonic)
    trial = trials.run_trial(task)
    assert isinstance(trial, Trial)
    assert (trial.state, trial.error) == ("failed", "the time was over")
    assert studies.open_or_create(make_search(tmp_path)) == 0


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


def test_run_trial_creates_one_record(tmp_path: Path) -> None:
    """The record that creates a trial has its process and its combination."""
    search = make_search(tmp_path, "train.rate=0.1", "network.hidden=7", sampler="grid")
    run_study(search, 1)
    lines = (search.folder / study_folder.JOURNAL).read_text().splitlines()
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
    studies.open_or_create(search)
    real = trials.validation_accuracy

    def marked_as_failed(*arguments: Any) -> float:
        joined(search).tell(0, state=optuna.trial.TrialState.FAIL)
        return real(*arguments)

    monkeypatch.setattr(trials, "validation_accuracy", marked_as_failed)
    trial = trials.run_trial(TrialTask(search, (0,), trials=2, deadline=None, clock=time.monotonic))
    monkeypatch.setattr(trials, "validation_accuracy", real)
    assert isinstance(trial, Trial)
    assert (trial.number, trial.state, trial.values) == (1, "done", {"train.rate": 0.1})
    assert trial.accuracy == accuracy(digits(), **{"train.rate": 0.1})
    assert [trial.values["train.rate"] for trial in run_study(search, 2)] == [0.2]
    assert states(search) == ["failed", "done", "done"]
