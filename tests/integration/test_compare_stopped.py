"""`zoo compare` stopped in the middle, and over a thousand runs."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from tests.helpers.killing import TASK_COUNTED, Moment, killed


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an entry that trains in a moment, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "smallest.toml"
    path.write_text(SMALLEST)
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_compare_stopped(own: Path, number: signal.Signals) -> None:
    """Stopped in the middle, it keeps what is done, and the same command goes on."""
    command = ("compare", own, "--train", "--seeds", 8, "--jobs", 2)
    moment = Moment(TASK_COUNTED, at=3, after=True, signals=[number], group=True)
    stopped = killed(moment, *command, cwd=own.parent)
    assert stopped.exit_code == 128 + number
    assert "Traceback" not in stopped.stderr
    assert "zoo: stopped: 3 of 8 trainings are saved." in stopped.stderr
    assert "Run the same command again to continue." in stopped.stderr
    assert stopped.stdout == ""
    kept = {path: path.stat().st_ino for path in Path("runs").glob("*/run.json")}
    assert len(kept) == 3
    finished = zoo(*command)
    assert finished.exit_code == 0, finished.stderr
    assert "zoo: 5/5 " in finished.stderr
    after = {path: path.stat().st_ino for path in Path("runs").glob("*/run.json")}
    assert kept.items() <= after.items()
    assert len(after) == 8


def test_compare_thousand_runs(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand finished runs are each looked at once."""
    from zoo.analysis import compare
    from zoo.config.catalog import read_catalog
    from zoo.training import jobs

    zoo_ok("train", own, "--quiet", "--no-plots")
    one = next(Path("runs").iterdir())
    facts = json.loads((one / "run.json").read_text())
    for seed in range(1, 1000):
        copy = tmp_path / "runs" / f"smallest-s{seed}-1"
        copy.mkdir()
        for path in one.glob("[!.]*"):
            if path.name != "run.json":
                os.link(path, copy / path.name)
        (copy / "run.json").write_text(json.dumps(facts | {"seed": seed}))
    opened: list[str] = []
    real = Path.read_text

    def counted(path: Path, *arguments: Any, **keywords: Any) -> str:
        opened.append(path.name)
        return real(path, *arguments, **keywords)

    with monkeypatch.context() as watched:
        watched.setattr(Path, "read_text", counted)
        local = compare.by_recipe(jobs.finished_runs(Path("runs")))
        subject = compare.find(str(own), read_catalog(), runs=Path("runs"))
        found = compare.summarize_model(
            subject, local, [], None, seeds=None, clock=time.perf_counter
        )
    assert [len(several) for several in local.values()] == [1000]
    assert found.summary is not None
    assert found.summary.n == 1000
    assert opened.count("run.json") == 1000
    assert opened.count("entry.toml") <= 1
    assert "metrics.csv" not in opened
    (told,) = json.loads(zoo_ok("compare", own, "--json"))
    assert told["reproduced"]["n"] == 1000
    assert len(json.loads(zoo_ok("runs", "list", "--json"))) == 1000
