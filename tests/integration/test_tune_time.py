"""`zoo tune --max-time`."""

import json
from pathlib import Path

import pytest

from tests.helpers.command import zoo
from tests.helpers.own_entries import SPACE, TUNED

TUNE = ("tune", "own.toml", *SPACE)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change to a folder with an entry that trains in a moment."""
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(TUNED)


def test_tune_max_time() -> None:
    """The search ends after --max-time, long before its 10,000 trials are done."""
    many = ("--trials", 10_000, "--jobs", 1)
    none = zoo(*TUNE, *many, "--max-time", "0.001", "--study", "none")
    assert none.exit_code == 1
    assert none.stderr == "zoo: warning: No trial was completed within the time limit.\n"
    done = zoo(*TUNE, *many, "--max-time", "3s", "--json")
    assert done.exit_code == 0, done.stderr
    assert 0 < len(json.loads(done.stdout)["trials"]) < 10_000
