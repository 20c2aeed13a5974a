"""Trainings that are stopped, terminated and killed: nothing is lost and the end is the same."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import environment, zoo_ok
from tests.helpers.process import ZOO, zoo_process

# Each trains for one or two seconds, in small batches unless it counts iterations.
RECIPES = {
    "iterations": (),
    "momentum, step": (
        "train.optimizer={kind='sgd', momentum=0.9}",
        "train.schedule={kind='step', every=100, factor=0.5}",
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
    "bent, clipped, averaged": (
        "train.augment=[{kind='rotate', degrees=9}, {kind='elastic', alpha=2, sigma=1.5}]",
        "train.together=16",
        "train.clip=1.0",
        "train.average=0.99",
    ),
}

ENTRY = """
name = "crash"
summary = "A training that is long enough to be killed."
data = { kind = "digits", split = { test = 360 } }
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { LENGTH, rate = 0.05, weights = "he" }
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_entry(recipe: str = "") -> list[str]:
    """Write an entry in epochs of small batches, or in iterations; return how it is trained."""
    iterations = recipe == "iterations"
    length = "iterations = 20000" if iterations else "epochs = 250, batch = 32"
    Path("crash.toml").write_text(ENTRY.replace("LENGTH", length))
    changes = RECIPES.get(recipe, ())
    return ["train", "crash.toml", *(part for text in changes for part in ("--set", text))]


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start `zoo` with its output in pipes, and see that it is gone at the end."""
    child = subprocess.Popen(
        [ZOO, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def record(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(f"runs/{name}/run.json").read_text())
    return found


def metrics(name: str) -> list[str]:
    """Return the lines of metrics.csv without their seconds."""
    lines = Path(f"runs/{name}/metrics.csv").read_text().splitlines()
    return [line.rpartition(",")[0] for line in lines]


def assert_equal_ends(one: str, other: str) -> None:
    assert record(one)["status"] == record(other)["status"] == "done"
    assert record(one)["fingerprint"] == record(other)["fingerprint"]
    assert record(one)["scores"] == record(other)["scores"]
    assert metrics(one) == metrics(other)


def kill_after_the_first_checkpoint(command: list[str], name: str, *, pause: float) -> None:
    with started(*command, "--quiet") as child:
        checkpoint = Path(f"runs/{name}/checkpoint.safetensors")
        until = time.monotonic() + 60
        while not checkpoint.exists() and child.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(pause)
        child.kill()
        child.wait()


@pytest.mark.parametrize(
    "recipe",
    RECIPES,
)
def test_killed_at_a_random_moment_and_resumed_equals_never_killed(recipe: str) -> None:
    command = write_entry(recipe)
    zoo_ok(*command, "--quiet")
    pause = random.uniform(0, 0.8) * record("crash-s0-1")["seconds"]  # noqa: S311 - any moment will do
    kill_after_the_first_checkpoint(command, "crash-s0-2", pause=pause)
    if record("crash-s0-2")["status"] == "done":  # this time it was faster than the first one
        zoo_ok("runs", "rm", "crash-s0-2")
        kill_after_the_first_checkpoint(command, "crash-s0-2", pause=0)
    _, listed = json.loads(zoo_ok("runs", "list", "--json"))
    assert listed["status"] == "interrupted", f"after a pause of {pause}"
    zoo_ok("resume", "--last", "--quiet")
    assert_equal_ends("crash-s0-1", "crash-s0-2")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_mid_epoch_ends_with_a_checkpoint_and_the_command_that_goes_on(
    number: signal.Signals, code: int
) -> None:
    command = [*write_entry(), "--batch", "1", "--epochs", "6"]  # an epoch of 1,437 steps
    with started(*command, "--json-lines") as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["event"] == "start"
        assert json.loads(child.stdout.readline())["number"] == 1
        child.send_signal(number)
        said, talk = child.communicate(timeout=30)
    assert child.returncode == code
    stopped = json.loads(said.splitlines()[-1])
    assert stopped["event"] == "stopped"
    assert 1437 <= stopped["step"] < 6 * 1437
    assert talk == (
        f"zoo: stopped after step {stopped['step']:,}, and nothing is lost.\n"
        "     zoo resume runs/crash-s0-1\n"
    )
    assert record("crash-s0-1")["status"] == "stopped"
    zoo_ok("resume", "runs/crash-s0-1", "--quiet")
    zoo_ok(*command, "--quiet")
    assert_equal_ends("crash-s0-1", "crash-s0-2")


def test_a_second_ctrl_c_leaves_at_once() -> None:
    # A step of this network takes about a second. The second signal has to meet the same step as
    # the first one, and after Python has seen that; so several gaps between them are tried.
    command = [*write_entry("iterations"), "--hidden", "4000,4000"]
    for gap in (0.2, 0.4, 0.1, 0.6, 0.3, 0.5, 0.2, 0.4):
        with started(*command, "--json-lines") as child:
            assert child.stdout is not None
            assert json.loads(child.stdout.readline())["event"] == "start"
            assert json.loads(child.stdout.readline())["event"] == "epoch"
            child.send_signal(signal.SIGINT)
            time.sleep(gap)
            child.send_signal(signal.SIGINT)
            child.wait(timeout=60)
        if child.returncode == -signal.SIGINT:
            break
        assert child.returncode == 130  # the step was over before the second signal came
    assert child.returncode == -signal.SIGINT
    *_, last = sorted(Path("runs").iterdir())
    assert record(last.name)["status"] == "running"
    assert "interrupted" in zoo_ok("runs")


# The child kills itself at the n-th time that a file is synced or takes its name.
KILLED_AT = """
import os, signal, sys
wanted, count = int(sys.argv[1]), 0
def deadly(function):
    def call(*arguments, **options):
        global count
        count += 1
        if count == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call
os.fsync, os.replace = deadly(os.fsync), deadly(os.replace)
from zoo.cli.app import main
sys.argv = ["zoo", *sys.argv[2:]]
main()
"""


def test_killed_at_every_write_a_run_is_absent_or_goes_on_to_the_same_end() -> None:
    command = [*write_entry(), "--epochs", "2", "--quiet"]
    zoo_ok(*command)
    ends = record("crash-s0-1")["fingerprint"]
    for wanted in range(1, 40):
        zoo_ok("runs", "rm", "crash-s0-1")
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_AT, str(wanted), *command],
            capture_output=True,
            check=False,
            env=environment(),
        )
        listed = json.loads(zoo_ok("runs", "list", "--json"))
        if killed.returncode == 0:  # there are fewer writes than this
            break
        assert killed.returncode == -signal.SIGKILL
        if not listed:  # before there was a record of it
            Path("runs/crash-s0-1").rename(f"runs/leftover {wanted}")
            zoo_ok(*command)
            continue
        zoo_ok("resume", "--last", "--quiet")
        assert record("crash-s0-1")["fingerprint"] == ends
        assert metrics("crash-s0-1")[-1].startswith("2,")
        assert not list(Path("runs/crash-s0-1").glob(".*.tmp"))
    assert wanted > 10


def test_a_full_disk_is_one_sentence_and_what_was_saved_stays() -> None:
    script = KILLED_AT.replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "raise OSError(28, 'No space left on device')"
    )
    zoo_ok(*write_entry(), "--epochs", "2", "--quiet")
    before = Path("runs/crash-s0-1/checkpoint.safetensors").read_bytes()
    full = subprocess.run(
        [sys.executable, "-c", script, "3", "resume", "--last", "--epochs", "4"],
        capture_output=True,
        check=False,
        env=environment(),
        text=True,
    )
    assert full.returncode == 1
    assert "could not be written: No space left on device." in full.stderr
    assert "Traceback" not in full.stderr
    assert Path("runs/crash-s0-1/checkpoint.safetensors").read_bytes() == before
    assert zoo_process("resume", "--last", "--epochs", "4").exit_code == 0
