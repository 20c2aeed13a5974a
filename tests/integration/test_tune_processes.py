"""`zoo tune` when its processes are killed, and when several share a study."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_tune import SPACE, found
from tests.helpers.command import environment
from tests.helpers.paths import ROOT
from tests.helpers.process import ZOO
from zoo import trainings
from zoo.data.digits import load_digits

OWN = """
name = "own"
summary = "Trains in a moment."
data = { kind = "digits", split = { test = 360, seed = 42 } }
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { epochs = 3, batch = 16, rate = 0.1, weights = "he" }
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(OWN)


def begun(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ZOO, "tune", "own.toml", *SPACE, *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def journal_text() -> str:
    journal = Path("studies/own/journal.log")
    return journal.read_text() if journal.exists() else ""


def test_tune_worker_killed() -> None:
    """A worker that is killed loses no trial."""
    with begun("--trials", 8, "--set", "train.epochs=200", "--jobs", 2, "--json") as process:
        while '"worker"' not in (text := journal_text()):
            time.sleep(0.02)
            assert process.poll() is None
        worker = json.loads(re.findall(r'"worker": ?(\[.*?\])', text)[0])[1]
        assert worker != process.pid
        os.kill(worker, signal.SIGKILL)
        told, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    states = [one["state"] for one in json.loads(told)["trials"]]
    assert states.count("done") == 8
    assert 1 <= states.count("failed") <= 2  # its neighbour goes down with it


def test_tune_several_processes() -> None:
    """Several processes make the number of trials together and not one more."""
    found("--trials", 1)
    arguments = ("--trials", 15, "--resume", "--json", "--jobs", 1)
    several = [begun(*arguments) for _ in range(3)]
    for process in several:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    told = found("--trials", 15, "--resume")
    done = [one for one in told["trials"] if one["state"] == "done"]
    assert len(done) == 15
    assert len({str(one["values"]) for one in done}) == len(done)


DIGITS = load_digits()


@pytest.fixture(autouse=True)
def _data() -> None:
    trainings.hold(DIGITS)


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
    whole, *killed = killed_studies(tmp_path, sampler, "2")
    assert whole["writes"] > 2 * 6
    assert len(killed) == 2 * whole["writes"]
    for one in killed:
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
