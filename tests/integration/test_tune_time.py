"""`zoo tune --max-time`."""

import json
import time
from pathlib import Path

import pytest

from tests.helpers.command import zoo

OWN = """
name = "own"
summary = "Trains in a moment."
data = { kind = "digits", split = { test = 360, seed = 42 } }
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { epochs = 3, batch = 16, rate = 0.1, weights = "he" }
"""
TUNE = ("tune", "own.toml", "--space", "train.rate=log:0.01..1", "--space", "network.hidden=8,16")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a folder with an entry that trains in a moment."""
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(OWN)


def test_tune_max_time() -> None:
    """The time that is given is not exceeded by much."""
    began = time.monotonic()
    many = ("--trials", 10_000, "--jobs", 1)
    none = zoo(*TUNE, *many, "--max-time", "0.001", "--study", "none")
    assert none.exit_code == 1
    assert none.stderr == "zoo: warning: No trial was done in the time.\n"
    done = zoo(*TUNE, *many, "--max-time", "10s", "--json")
    assert done.exit_code == 0, done.stderr
    assert 0 < len(json.loads(done.stdout)["trials"]) < 10_000
    assert time.monotonic() - began < 120  # and not as long as 10,000 trials take
