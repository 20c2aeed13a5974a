"""`zoo compare` when it is interrupted, and with a thousand runs."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from tests.helpers.killing import TASK_COUNTED, Moment, killed
from zoo.system.files import read_regular


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an entry that trains in a moment, in its own folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "smallest.toml"
    path.write_text(SMALLEST)
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_compare_stopped(own: Path, number: signal.Signals) -> None:
    """An interrupted comparison keeps its finished runs, and the same command resumes."""
    command = ("compare", own, "--train", "--seeds", 8, "--jobs", 2)
    moment = Moment(TASK_COUNTED, at=3, after=True, signals=[number], group=True)
    stopped = killed(moment, *command, cwd=own.parent)
    assert stopped.exit_code == 128 + number
    assert "Traceback" not in stopped.stderr
    assert "zoo: stopped: 3 of 8 trainings are saved." in stopped.stderr
    assert "Run the same command again to continue." in stopped.stderr
    assert stopped.stdout == ""
    finished_runs = {
        path: path.stat().st_ino for path in Path("runs/compare-smallest").glob("*/run.json")
    }
    assert len(finished_runs) == 3
    finished = zoo(*command)
    assert finished.exit_code == 0, finished.stderr
    assert "zoo: 5/5 " in finished.stderr
    after = {path: path.stat().st_ino for path in Path("runs/compare-smallest").glob("*/run.json")}
    assert finished_runs.items() <= after.items()
    assert len(after) == 8


def test_compare_thousand_runs(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a thousand finished runs is read once."""
    from zoo.analysis import compare
    from zoo.config.catalog import read_catalog
    from zoo.training import jobs

    zoo_ok("train", own, "--quiet", "--no-plots")
    first = next(Path("runs").iterdir())
    facts = json.loads((first / "run.json").read_text())
    for seed in range(1, 1000):
        copy = tmp_path / "runs" / f"smallest-s{seed}-1"
        copy.mkdir()
        for path in first.glob("[!.]*"):
            if path.name != "run.json":
                os.link(path, copy / path.name)
        (copy / "run.json").write_text(json.dumps(facts | {"seed": seed}))
    opened: list[str] = []

    def counted(path: Path, max_bytes: int) -> bytes:
        opened.append(path.name)
        return read_regular(path, max_bytes)

    with monkeypatch.context() as patch:
        patch.setattr("zoo.training.run.read_regular", counted)
        local = compare.group_by_recipe(jobs.finished_runs(Path("runs")))
        item = compare.find(str(own), read_catalog(), runs=Path("runs"))
        model_summary = compare.summarize_model(
            item, local, [], None, seeds=None, clock=time.perf_counter
        )
    assert [len(runs) for runs in local.values()] == [1000]
    assert model_summary.summary is not None
    assert model_summary.summary.n == 1000
    assert opened.count("run.json") == 1000
    assert opened.count("entry.toml") <= 1
    assert "metrics.csv" not in opened
    (row,) = json.loads(zoo_ok("compare", own, "--json"))
    assert row["reproduced"]["n"] == 1000
    assert len(json.loads(zoo_ok("runs", "list", "--json"))) == 1000
