"""Runs that zoo 0.1 made in November 2026, under other names of modules and classes."""

import json
import shutil
from pathlib import Path

import pytest

from tests.helpers.command import zoo_ok
from tests.helpers.paths import OLD_RUNS


@pytest.fixture(autouse=True)
def _old_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy the runs whose entry needs no plugin into an empty folder."""
    for run in OLD_RUNS.glob("small-*"):
        shutil.copytree(run, tmp_path / "runs" / run.name)
    monkeypatch.chdir(tmp_path)


def test_old_run_listed() -> None:
    """`zoo runs` shows their status and their accuracy."""
    listed = {one["run"]: one for one in json.loads(zoo_ok("runs", "list", "--json"))}
    assert listed["small-s0-1"]["status"] == "done"
    assert listed["small-s0-1"]["accuracy"] == pytest.approx(314 / 360)
    assert listed["small-s1-1"]["status"] == "stopped"


def test_old_run_evaluated() -> None:
    """The weights of a run give the accuracy that it recorded."""
    found = json.loads(zoo_ok("evaluate", "runs/small-s0-1", "--json"))
    assert found["accuracy"] == pytest.approx(314 / 360, abs=1 / 360)  # another kernel may round


def test_old_run_resumed() -> None:
    """A run that was stopped in the fourth epoch is resumed from its checkpoint to its end."""
    zoo_ok("resume", "runs/small-s1-1", "--quiet")
    record = json.loads(Path("runs/small-s1-1/run.json").read_text())
    assert record["status"] == "done"
    assert record["accuracy"] == pytest.approx(0.8944, abs=0.02)
    rows = Path("runs/small-s1-1/metrics.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", *map(str, range(1, 7))]


def test_old_run_compared() -> None:
    """`zoo compare` counts a run of an earlier version."""
    (found,) = json.loads(zoo_ok("compare", "runs/small-s0-1", "--json"))
    assert found["reproduced"]["n"] == 1
    assert found["reproduced"]["mean"] == pytest.approx(314 / 360)
