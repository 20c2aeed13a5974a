"""Trainings that are interrupted or killed."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.command import environment, zoo_ok
from tests.helpers.killing import STEP, Moment, killed
from tests.helpers.process import ZOO
from tests.helpers.unix import unix_only


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def record(name: str) -> dict[str, object]:
    return dict(json.loads(Path(f"runs/{name}/run.json").read_text()))


@unix_only
def test_train_interrupted() -> None:
    """Ctrl-C ends a training with a checkpoint, exit code 130 and the command to resume."""
    with subprocess.Popen(
        [ZOO, "train", "digits-10", "--iterations", "1000000", "--json-lines"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "start"
        assert json.loads(process.stdout.readline())["event"] == "epoch"
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert json.loads(stdout.splitlines()[-1])["event"] == "stopped"
    assert stderr.splitlines()[1] == "     zoo resume runs/digits-10-s0-1"
    assert record("digits-10-s0-1")["status"] == "stopped"
    assert Path("runs/digits-10-s0-1/checkpoint.safetensors").exists()


@unix_only
def test_train_killed_and_resumed(tmp_path: Path) -> None:
    """A run that is killed at step 100 and resumed has the weights of an uninterrupted one."""
    command = ("train", "digits-10", "--iterations", 120, "--quiet")
    zoo_ok(*command)
    # with the clock of a slow machine there is a checkpoint after every 28 steps
    result = killed(Moment(STEP, at=100, tick=0.07), *command, cwd=tmp_path)
    assert result.exit_code == -signal.SIGKILL
    assert record("digits-10-s0-2")["status"] == "running"
    zoo_ok("resume", "digits-10-s0-2", "--quiet")
    first, second = (record(f"digits-10-s0-{number}") for number in (1, 2))
    assert first["status"] == second["status"] == "done"
    assert first["fingerprint"] == second["fingerprint"]
