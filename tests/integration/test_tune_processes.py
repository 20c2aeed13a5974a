"""`zoo tune` when its processes are killed, and when several share a study."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import environment, zoo_ok
from tests.helpers.killing import DEADLINE, STEP, TRIAL, Moment, killed
from tests.helpers.own_entries import SPACE, TUNED
from tests.helpers.paths import ROOT
from tests.helpers.process import ZOO


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(TUNED)


def test_tune_worker_killed(tmp_path: Path) -> None:
    """A worker that is killed loses no trial, nor does its neighbour, which goes down with it.

    Both are at a training step then: a kill within an append to the journal would leave Optuna's
    own lock behind, which the others wait for half a minute.
    """
    traces = tmp_path / "traces"
    traces.mkdir()
    moment = Moment(STEP, at=20, worker=TRIAL, together=2, folder=str(traces))
    done = killed(
        moment, "tune", "own.toml", *SPACE, "--trials", 6, "--jobs", 2, "--json", cwd=tmp_path
    )
    assert done.exit_code == 0, done.stderr
    assert len(list(traces.glob("*.here"))) == 2
    states = [one["state"] for one in json.loads(done.stdout)["trials"]]
    assert sorted(states) == ["done"] * 6 + ["failed"] * 2


def test_tune_several_processes() -> None:
    """Several processes make the number of trials together and not one more."""
    command = ("tune", "own.toml", *SPACE, "--jobs", "1", "--json")
    zoo_ok(*command, "--trials", 1)
    several = [
        subprocess.Popen(
            [ZOO, *command, "--trials", "9", "--resume"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in several:
        _, said = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0, said
    told = json.loads(zoo_ok(*command, "--trials", 9, "--resume"))
    done = [one for one in told["trials"] if one["state"] == "done"]
    assert len(done) == 9
    assert len({str(one["values"]) for one in done}) == len(done)


def killed_studies(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run tests/helpers/killed_studies.py and return what it tells."""
    script = ROOT / "tests" / "helpers" / "killed_studies.py"
    done = subprocess.run(
        [sys.executable, "-P", script, folder, *arguments],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a kill needs a child")
@pytest.mark.parametrize("sampler", ["tpe", "grid"])
def test_study_killed_at_every_write(tmp_path: Path, sampler: str) -> None:
    """Whatever write a process is killed at, --resume makes all trials and none stays running."""
    whole, *several = killed_studies(tmp_path, sampler, "2")
    assert whole["writes"] > 2 * 6
    assert len(several) == 2 * whole["writes"]
    for one in several:
        done = [trial for trial in one["trials"] if trial["state"] == "COMPLETE"]
        failed = [trial for trial in one["trials"] if trial["state"] == "FAIL"]
        assert one["codes"] == [-signal.SIGKILL, 0], one
        assert len(done) == 2, one
        assert len(done) + len(failed) == len(one["trials"]) <= 3, one
        if sampler == "grid":
            assert {trial["values"]["train.rate"] for trial in done} == {"0.1", "0.2"}, one


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forked")
@pytest.mark.parametrize("sampler", ["random", "grid"])
def test_study_of_several_processes(tmp_path: Path, sampler: str) -> None:
    """Processes that work on one study at once make no trial too many and none twice."""
    (shared,) = killed_studies(tmp_path, sampler, "4", "together")
    assert set(shared["codes"]) == {0}
    assert [trial["state"] for trial in shared["trials"]] == ["COMPLETE"] * 4
    if sampler == "grid":
        assert len({str(trial["values"]) for trial in shared["trials"]}) == 4
