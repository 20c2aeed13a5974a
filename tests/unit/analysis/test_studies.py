"""A study: trials of ended processes, combinations of a grid, the journal."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import PLAINEST
from tests.helpers.searches import TESTED, joined, make_search, run_study, states
from zoo.analysis import search_space, studies, study_folder, trials
from zoo.analysis.deadline import Deadline
from zoo.analysis.studies import Trial
from zoo.analysis.trials import TrialTask
from zoo.config import load
from zoo.config.entry import Entry
from zoo.errors import ConfigError, CorruptFileError
from zoo.parallel import process_identity
from zoo.training import jobs


@pytest.fixture(autouse=True)
def _data() -> None:
    jobs.register_dataset(digits())


ENDED = 2**30  # above the id of any process


def test_open_or_create_impossible_values(tmp_path: Path) -> None:
    """Invalid values are refused before the folder is created."""
    search = make_search(tmp_path, "train.rate=0.1,-1")
    with pytest.raises(ConfigError, match=r"train\.rate: expected above 0, got -1"):
        studies.open_or_create(search)
    assert not search.folder.exists()


def test_open_or_create_fails_trials_of_ended_processes(tmp_path: Path) -> None:
    """Trials of ended processes fail, also those of older versions, which recorded less."""
    search = make_search(tmp_path)
    studies.open_or_create(search)
    study = joined(search)
    host, process, start = process_identity.identity()
    for worker, _ in (
        workers := [
            ([host, ENDED, "then"], "failed"),
            ([host, process, "then"], "failed"),  # its id is used again
            ([host, ENDED], "failed"),
            (None, "failed"),
            ([host, process, start], "failed"),  # it does not run a trial while it opens a study
            ([host, process], "running"),
            (["elsewhere", ENDED, "then"], "running"),
        ]
    ):
        trial = study.ask()
        if worker:
            trial.set_user_attr("worker", worker)
    assert studies.open_or_create(search) == 2
    assert states(search) == [state for _, state in workers]


def test_open_or_create_old_trial_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day the trial of a host that may have died is tried again, so no cell is lost."""
    search = make_search(tmp_path)
    studies.open_or_create(search)
    joined(search).ask().set_user_attr("worker", ["elsewhere", ENDED, "then"])
    assert studies.open_or_create(search) == 1
    assert states(search) == ["running"]
    monkeypatch.setattr("zoo.analysis.optuna_study.DAY", timedelta(days=-1))  # as if it had passed
    studies.open_or_create(search)
    assert states(search) == ["failed"]


def test_open_or_create_trial_that_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trial that ends while it is being marked as failed keeps its result."""
    import optuna

    search = make_search(tmp_path)
    studies.open_or_create(search)
    study = joined(search)
    study.ask().suggest_float("train.rate", 0.01, 1, log=True)
    real = optuna.Study.tell

    def late(*arguments: Any, **options: Any) -> object:
        study._storage.set_trial_state_values(0, optuna.trial.TrialState.COMPLETE, [0.5])  # noqa: SLF001 - as its process does
        return real(*arguments, **options)

    monkeypatch.setattr(optuna.Study, "tell", late)
    assert studies.open_or_create(search) == 1
    assert states(search) == ["done"]


def test_grid_each_combination_once(tmp_path: Path) -> None:
    search = make_search(tmp_path, "network.hidden=4,5", "train.rate=0.1,0.2", sampler="grid")
    tried = [tuple(trial.values.values()) for trial in run_study(search, 4)]
    assert sorted(tried) == [(4, 0.1), (4, 0.2), (5, 0.1), (5, 0.2)]


def test_grid_combination_tried_again_after_time_over(tmp_path: Path) -> None:
    search = make_search(tmp_path, "train.rate=0.1,0.2", sampler="grid")
    studies.open_or_create(search)
    ticks = iter(range(100))
    stopped = trials.run_trial(
        TrialTask(search, (0,), 2, Deadline(3, lambda: float(next(ticks))), time.monotonic)
    )
    assert isinstance(stopped, Trial)
    assert stopped.state == "failed"
    assert [trial.state for trial in run_study(search, 2)] == ["done", "done"]
    study = studies.read(search)
    done = [trial.values["train.rate"] for trial in study.trials if trial.state == "done"]
    assert sorted(map(str, done)) == ["0.1", "0.2"]


def test_grid_queued_by_an_older_version(tmp_path: Path) -> None:
    """A study with waiting trials, and with two that were killed, can be completed."""
    search = make_search(tmp_path, "train.rate=0.1,0.2,0.3", sampler="grid")
    studies.open_or_create(search)
    study = joined(search)
    study.enqueue_trial({"train.rate": "0.1"})
    study.enqueue_trial({})  # it failed before its values were recorded
    study.ask()
    study.ask().suggest_categorical("train.rate", ["0.1", "0.2", "0.3"])
    for text in ("0.2", "0.3"):
        study.enqueue_trial({"train.rate": text})
    assert studies.open_or_create(search) == 0
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
    real = trials.validation_accuracy

    def broken(entry: Entry, *arguments: Any) -> float:
        if entry.train.rate == 0.1:
            raise ArithmeticError("a bug")
        return real(entry, *arguments)

    monkeypatch.setattr(trials, "validation_accuracy", broken)
    failure, *done = run_study(search, 3)
    assert failure.reason.startswith("ArithmeticError: a bug (in broken")
    assert [trial.values["train.rate"] for trial in done] == [0.2, 0.3]
    assert studies.open_or_create(search) == 2


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
    studies.open_or_create(make_search(tmp_path))
    with pytest.raises(ConfigError, match="holds a study of another recipe, space, seeds or data"):
        studies.open_or_create(make_search(tmp_path, **changes))


def test_importances(tmp_path: Path) -> None:
    """The setting that explains the accuracies has nearly all of the importance."""
    search = make_search(tmp_path, "train.rate=0.001,0.3", "train.batch=16,17", sampler="grid")
    run_study(search, 4)
    shares = studies.read(search).importances
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["train.rate"] > 0.9


def test_journal_torn_line(tmp_path: Path) -> None:
    """An incomplete last line is removed; a file that is not a journal stays as it is."""
    search = make_search(tmp_path)
    run_study(search, 2)
    journal = search.folder / study_folder.JOURNAL
    complete = journal.read_bytes()
    journal.write_bytes(complete + b'{"op_code": 6, "wor')
    assert studies.open_or_create(search) == 2
    assert journal.read_bytes().startswith(complete)
    run_study(search, 3)
    assert len(studies.read(search).trials) == 3
    foreign = b"another\nfile"
    journal.write_bytes(foreign)
    with pytest.raises(CorruptFileError):
        studies.open_or_create(search)
    assert journal.read_bytes() == foreign
