"""Trainings that are killed, stopped or get a disk error, and are resumed."""

import errno
import json
import shutil
import signal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo_ok
from tests.helpers.killing import STEP, WRITE, Moment, killed, killed_at_every

# All end at step 360: after 360 iterations, or after eight epochs of 45 steps.
RECIPES = {
    "iterations": (),
    "momentum, step": (
        "train.optimizer={kind='sgd', momentum=0.9}",
        "train.schedule={kind='step', every=3, factor=0.5}",
    ),
    "nesterov, cosine": (
        "train.optimizer={kind='sgd', momentum=0.9, nesterov=true}",
        "train.schedule={kind='cosine', warm_up=0.1}",
    ),
    "rmsprop, exponential, l2": (
        "train.optimizer=rmsprop",
        "train.rate=0.001",
        "train.schedule={kind='exponential', factor=0.99}",
        "train.l2=0.001",
    ),
    "adam, dropout": (
        "train.optimizer=adam",
        "train.rate=0.001",
        "network.block=['dense', 'relu', {kind='dropout', rate=0.2}]",
        "network.input=[{kind='dropout', rate=0.1}]",
    ),
    "adamw, batch norm, smoothing": (
        "train.optimizer={kind='adamw', decay=0.01}",
        "train.rate=0.001",
        "network.block=['dense', 'batch_norm', 'relu', {kind='dropout', rate=0.2}]",
        "train.label_smoothing=0.1",
    ),
    "augmented, clipped, averaged": (
        "train.augment=[{kind='rotate', degrees=9}, {kind='elastic', alpha=2, sigma=1.5}]",
        "train.together=16",
        "train.clip=1.0",
        "train.average=0.99",
    ),
}
TICK = 0.07  # seconds between two readings of the clock: a checkpoint every 28 steps

ENTRY = """
name = "crash"
summary = "A training that is killed."
data = { kind = "digits", split = { test = 360 } }
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { LENGTH, rate = 0.05, weights = "he" }
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_entry(recipe: str = "") -> list[str]:
    """Write an entry with epochs of small batches, or with iterations; return the train command."""
    iterations = recipe == "iterations"
    length = "iterations = 360" if iterations else "epochs = 8, batch = 32"
    Path("crash.toml").write_text(ENTRY.replace("LENGTH", length))
    changes = RECIPES.get(recipe, ())
    return ["train", "crash.toml", *(word for text in changes for word in ("--set", text))]


def record(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(f"runs/{name}/run.json").read_text())
    return content


def metrics(name: str) -> list[str]:
    """Return the lines of metrics.csv without their seconds."""
    lines = Path(f"runs/{name}/metrics.csv").read_text().splitlines()
    return [line.rpartition(",")[0] for line in lines]


def checkpoint_step(name: str) -> int:
    """Return the step of a run's checkpoint."""
    from zoo.training.run import Run

    checkpoint = Run(Path("runs", name)).checkpoint()
    assert checkpoint is not None
    step: int = json.loads(checkpoint[1])["step"]
    return step


def assert_equal_results(run: str, other: str) -> None:
    assert record(run)["status"] == record(other)["status"] == "done"
    assert record(run)["fingerprint"] == record(other)["fingerprint"]
    assert record(run)["scores"] == record(other)["scores"]
    assert metrics(run) == metrics(other)


@pytest.mark.parametrize("recipe", RECIPES)
def test_resume_after_kill_equals_never_killed(tmp_path: Path, recipe: str) -> None:
    """A run that is killed in mid-epoch and resumed ends with the same bits."""
    command = write_entry(recipe)
    zoo_ok(*command, "--quiet")
    result = killed(Moment(STEP, at=211, tick=TICK), *command, "--quiet", cwd=tmp_path)
    assert result.exit_code == -signal.SIGKILL
    assert 180 < checkpoint_step("crash-s0-2") < 209  # in the fifth epoch, like step 210
    _, listed = json.loads(zoo_ok("runs", "list", "--json"))
    assert listed["status"] == "interrupted"
    zoo_ok("resume", "--last", "--quiet")
    assert_equal_results("crash-s0-1", "crash-s0-2")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_train_stopped_in_mid_epoch(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """A signal ends a training with a checkpoint, and prints the command to resume it."""
    command = write_entry()
    moment = Moment(STEP, at=61, signals=[number])
    result = killed(moment, *command, "--json-lines", cwd=tmp_path)
    assert result.exit_code == code
    stopped = json.loads(result.stdout.splitlines()[-1])
    assert (stopped["event"], stopped["step"]) == ("stopped", 61)  # the step is finished
    assert checkpoint_step("crash-s0-1") == 61
    assert result.stderr == (
        "zoo: stopped after step 61; the run is saved.\n     zoo resume runs/crash-s0-1\n"
    )
    assert record("crash-s0-1")["status"] == "stopped"
    zoo_ok("resume", "runs/crash-s0-1", "--quiet")
    zoo_ok(*command, "--quiet")
    assert_equal_results("crash-s0-1", "crash-s0-2")


def test_train_second_ctrl_c(tmp_path: Path) -> None:
    """A second Ctrl-C in the same step ends the process at once."""
    moment = Moment(STEP, at=61, signals=[signal.SIGINT, signal.SIGINT])
    result = killed(moment, *write_entry(), "--json-lines", cwd=tmp_path)
    assert result.exit_code == -signal.SIGINT
    assert json.loads(result.stdout.splitlines()[-1])["event"] == "epoch"
    assert record("crash-s0-1")["status"] == "running"
    assert "interrupted" in zoo_ok("runs")


def test_train_killed_at_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed at any write does not exist, or is resumed with the same result."""
    command = [*write_entry(), "--epochs", "2", "--quiet"]
    command[1] = str(tmp_path / command[1])
    first, *codes, last = killed_at_every(WRITE, *command, most=40, cwd=tmp_path)
    assert (first, last) == (0, 0)
    assert set(codes) == {-signal.SIGKILL}
    assert len(codes) > 10
    monkeypatch.chdir("0")
    expected = record("crash-s0-1")["fingerprint"]
    absent = 0
    for at in range(1, len(codes) + 1):
        monkeypatch.chdir(tmp_path / str(at))
        if json.loads(zoo_ok("runs", "list", "--json")):
            zoo_ok("resume", "--last", "--quiet")
        else:  # it has no run.json yet, and its folder is ignored
            absent += 1
            zoo_ok(*command)
        *_, name = sorted(path.name for path in Path("runs").iterdir())
        assert record(name)["fingerprint"] == expected
        assert metrics(name)[-1].startswith("2,")
        assert not list(Path("runs", name).glob(".*.tmp"))
    assert 0 < absent < len(codes)


def test_resume_longer_killed_at_every_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finished run keeps its record until the longer training is done, which can be continued."""
    zoo_ok(*write_entry(), "--epochs", "2", "--quiet")
    finished = record("crash-s0-1")
    zoo_ok("train", "crash.toml", "--epochs", "4", "--quiet")
    expected = record("crash-s0-2")["fingerprint"]
    shutil.rmtree("runs/crash-s0-2")
    codes = []
    for at in count(1):
        folder = tmp_path / str(at)
        shutil.copytree("runs", folder / "runs")
        command = ("resume", "crash-s0-1", "--epochs", "4", "--quiet")
        codes.append(killed(Moment(WRITE, at=at), *command, cwd=folder).exit_code)
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            if codes[-1] == 0:
                assert record("crash-s0-1")["fingerprint"] == expected
                break
            now = record("crash-s0-1")
            if now["fingerprint"] == finished["fingerprint"]:
                assert now | {"longer": None} == finished | {"longer": None}
                zoo_ok("resume", *command[1:] if "longer" not in now else ("--last", "--quiet"))
            assert record("crash-s0-1")["fingerprint"] == expected
            assert "longer" not in record("crash-s0-1")
            assert metrics("crash-s0-1")[-1].startswith("4,")
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > 8


def test_resume_on_a_full_disk(tmp_path: Path) -> None:
    """A full disk is an error with one sentence, and the saved files stay."""
    zoo_ok(*write_entry(), "--epochs", "2", "--quiet")
    before = Path("runs/crash-s0-1/checkpoint.safetensors").read_bytes()
    command = ("resume", "--last", "--epochs", "4")
    full = killed(Moment(WRITE, at=3, error=errno.ENOSPC), *command, cwd=tmp_path)
    assert full.exit_code == 1
    assert "could not be written: No space left on device." in full.stderr
    assert "Traceback" not in full.stderr
    assert Path("runs/crash-s0-1/checkpoint.safetensors").read_bytes() == before
    zoo_ok(*command)


def test_runs_rm_killed_at_every_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is whole or not a run, and `zoo runs gc` leaves nothing of it."""
    zoo_ok(*write_entry(), "--epochs", "1", "--quiet")
    whole = sorted(path.name for path in Path("runs/crash-s0-1").iterdir())
    codes = []
    for at in count(1):
        folder = tmp_path / str(at)
        shutil.copytree("runs", folder / "runs")
        moment = Moment(("os:rename", "os:unlink", "os:rmdir"), at=at)
        codes.append(killed(moment, "runs", "rm", "crash-s0-1", cwd=folder).exit_code)
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            names = zoo_ok("runs", "-q").split()
            if names:
                assert sorted(path.name for path in Path("runs", *names).iterdir()) == whole
            zoo_ok("runs", "gc", "--yes")
            assert [path.name for path in Path("runs").iterdir()] == names
        if codes[-1] == 0:
            break
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > len(whole)
