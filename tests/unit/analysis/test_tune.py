"""Running the trials of a search."""

import time
from pathlib import Path

import pytest

from tests.helpers.digits import digits
from tests.helpers.searches import make_search, run_study
from zoo.analysis import studies, trials, tune
from zoo.analysis.trials import TrialTask
from zoo.training import jobs


@pytest.fixture(autouse=True)
def _data() -> None:
    jobs.register_dataset(digits())


def test_run_trials_stops_at_the_number(tmp_path: Path) -> None:
    """A study ends at its number of trials, also for a late process."""
    assert [trial.number for trial in run_study(make_search(tmp_path), 2)] == [0, 1]
    assert [trial.number for trial in run_study(make_search(tmp_path), 3)] == [2]
    assert run_study(make_search(tmp_path), 3) == []
    late = TrialTask(make_search(tmp_path), (7,), trials=3, deadline=None, clock=time.monotonic)
    assert trials.run_trial(late) is None  # other processes were faster
    found = studies.read(make_search(tmp_path))
    assert [trial.state for trial in found.trials] == ["done"] * 3


def test_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Optuna the reason says that it is not installed."""
    assert tune.unavailable() is None
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert tune.unavailable() == "zoo tune needs Optuna, which is not installed."
