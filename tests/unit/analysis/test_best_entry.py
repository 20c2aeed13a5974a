"""The entry with the best settings."""

from pathlib import Path

import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import PLAINEST
from tests.helpers.searches import make_search
from zoo.analysis import best_entry
from zoo.analysis.studies import Trial
from zoo.config import load
from zoo.training import jobs


@pytest.fixture(autouse=True)
def _data() -> None:
    jobs.register_dataset(digits())


def test_best_toml() -> None:
    """The entry with the best settings trains on the validation images too."""
    search = make_search(Path(), "network.hidden=5,6", "train.rate=0.1..0.2")
    best = Trial(3, {"network.hidden": 6, "train.rate": 0.15}, "done", 0.9123, 1.0, "")
    raw = load.override(PLAINEST, [("data.split", {"test": 360, "seed": 42})])
    text = best_entry.best_toml(search, raw, best, trials=9)
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
    text = best_entry.best_toml(search, raw, best, trials=2)
    entry = load.check(load.parse(text, where="best.toml"), where="best.toml")
    assert entry.train.patience == 2
    validation = load.check(search.raw, where="it").data.split.validation
    assert entry.data.split.validation == validation > 0
