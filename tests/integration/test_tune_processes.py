"""`zoo tune` with killed processes, and with several processes on one study."""

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
    """The trial of a killed worker is repeated, and the other worker goes on.

    The kill is in a training step: during an append to the journal it would leave Optuna's own
    lock, for which the other processes wait half a minute.
    """
    moment = Moment(STEP, at=20, worker=TRIAL, once=str(tmp_path / "killed"))
    done = killed(
        moment, "tune", "own.toml", *SPACE, "--trials", 6, "--jobs", 2, "--json", cwd=tmp_path
    )
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "killed").exists()
    states = [trial["state"] for trial in json.loads(done.stdout)["trials"]]
    assert sorted(states) == ["done"] * 6 + ["failed"]


def test_tune_several_processes() -> None:
    """Several processes together run exactly the requested number of trials."""
    command = ("tune", "own.toml", *SPACE, "--jobs", "1", "--json")
    zoo_ok(*command, "--trials", 1)
    processes = [
        subprocess.Popen(
            [ZOO, *command, "--trials", "9", "--resume"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        _, stderr = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0, stderr
    study = json.loads(zoo_ok(*command, "--trials", 9, "--resume"))
    done = [trial for trial in study["trials"] if trial["state"] == "done"]
    assert len(done) == 9
    assert len({str(trial["values"]) for trial in done}) == len(done)


def killed_studies(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run tests/helpers/killed_studies.py; return its output, one object per line."""
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
    """After a kill at any write, --resume completes all trials and none stays running."""
    whole, *killed_runs = killed_studies(tmp_path, sampler, "2")
    assert whole["writes"] > 2 * 6
    assert len(killed_runs) == 2 * whole["writes"]
    for run in killed_runs:
        done = [trial for trial in run["trials"] if trial["state"] == "COMPLETE"]
        failed = [trial for trial in run["trials"] if trial["state"] == "FAIL"]
        assert run["codes"] == [-signal.SIGKILL, 0], run
        assert len(done) == 2, run
        assert len(done) + len(failed) == len(run["trials"]) <= 3, run
        if sampler == "grid":
            assert {trial["values"]["train.rate"] for trial in done} == {"0.1", "0.2"}, run


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forked")
@pytest.mark.parametrize("sampler", ["random", "grid"])
def test_study_of_several_processes(tmp_path: Path, sampler: str) -> None:
    """Processes that share a study run each trial once, and the requested number of them."""
    (shared,) = killed_studies(tmp_path, sampler, "4", "together")
    assert set(shared["codes"]) == {0}
    assert [trial["state"] for trial in shared["trials"]] == ["COMPLETE"] * 4
    if sampler == "grid":
        assert len({str(trial["values"]) for trial in shared["trials"]}) == 4
