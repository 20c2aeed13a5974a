"""`zoo tune` with killed processes, a full disk, and several processes on one study."""

import errno
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import environment, zoo_ok
from tests.helpers.killing import DEADLINE, STEP, TRIAL, Moment, killed, killed_at_every
from tests.helpers.own_entries import SPACE, TUNED
from tests.helpers.process import ZOO

RECORD = "zoo.analysis.journal:Journal._write"
SYNC, RENAME = "os:fsync", "os:replace"
GRID = ("--space", "train.rate=0.1,0.2", "--sampler", "grid")
FILES = {".lock", "best.toml", "journal.log", "study.svg"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(TUNED)


def test_tune_worker_killed(tmp_path: Path) -> None:
    """The trial of a worker that is killed is repeated, and the other worker goes on."""
    moment = Moment(STEP, at=20, worker=TRIAL, once=str(tmp_path / "killed"))
    command = ("tune", "own.toml", *SPACE, "--trials", 6, "--jobs", 2, "--json")
    done = killed(moment, *command, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "killed").exists()
    states = [trial["state"] for trial in json.loads(done.stdout)["trials"]]
    assert sorted(states) == ["done"] * 6 + ["failed"]


def test_tune_worker_killed_in_the_journal(tmp_path: Path) -> None:
    """The system releases the lock of a worker that is killed while it writes a record."""
    moment = Moment([SYNC], at=4, worker=TRIAL, once=str(tmp_path / "killed"))
    command = ("tune", "own.toml", *GRID, "--jobs", 2, "--json")
    done = killed(moment, *command, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "killed").exists()
    assert "forcibly" not in done.stderr.lower()
    assert_whole_grid(json.loads(done.stdout))
    assert {path.name for path in Path("studies/own").iterdir()} == FILES


def assert_whole_grid(study: dict[str, Any]) -> None:
    """See that each combination is done once, and that no trial is still running."""
    done = [trial["values"] for trial in study["trials"] if trial["state"] == "done"]
    assert sorted(values["train.rate"] for values in done) == [0.1, 0.2], study
    assert {trial["state"] for trial in study["trials"]} <= {"done", "failed"}, study


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a kill needs a child")
@pytest.mark.parametrize("functions", [[RECORD, RENAME], [SYNC]], ids=["before", "within"])
@pytest.mark.parametrize("search", [GRID, (*SPACE, "--trials", 2)], ids=["grid", "tpe"])
def test_tune_killed_at_every_write(
    tmp_path: Path, functions: list[str], search: tuple[object, ...]
) -> None:
    """After a kill before a record, or before it is on the disk, --resume completes the study."""
    command = ("tune", tmp_path / "own.toml", *search, "--jobs", 1)
    codes = killed_at_every(functions, *command, most=60, cwd=tmp_path)
    assert codes == [0, *[-signal.SIGKILL] * (len(codes) - 2), 0]
    assert len(codes) > 2 * 6
    for number in range(len(codes)):
        study = json.loads(zoo_ok(*command, "--resume", "--json", cwd=tmp_path / str(number)))
        if search == GRID:
            assert_whole_grid(study)
        states = [trial["state"] for trial in study["trials"]]
        assert (states.count("done"), len(states) <= 3) == (2, True), states
        folder = tmp_path / str(number) / "studies" / "own"
        assert {path.name for path in folder.iterdir()} == FILES
        zoo_ok("check", folder / "best.toml")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each command is forked")
def test_tune_full_disk_at_every_write(tmp_path: Path) -> None:
    """A full disk is named with the command that goes on, which completes the grid."""
    command = ("tune", tmp_path / "own.toml", *GRID, "--jobs", 1)
    functions = [RECORD, SYNC, RENAME, "os:mkdir"]
    codes = killed_at_every(functions, *command, most=80, cwd=tmp_path, error=errno.ENOSPC)
    assert codes == [0, *[1] * (len(codes) - 2), 0]
    for number in range(1, len(codes) - 1):
        said = (tmp_path / f"{number}.stderr").read_text().splitlines()
        assert "No space left on device." in said[-2], said
        assert "Traceback" not in "".join(said)
        assert "the same command with --resume to continue." in said[-1], said
        study = json.loads(zoo_ok(*command, "--resume", "--json", cwd=tmp_path / str(number)))
        assert_whole_grid(study)
        folder = tmp_path / str(number) / "studies" / "own"
        assert {path.name for path in folder.iterdir()} == FILES


@pytest.mark.parametrize("full", [200, 1000, 1500, 2000])
def test_tune_disk_that_stays_full(tmp_path: Path, full: int) -> None:
    """A record that does not fit is torn, and the next command removes it; the first is deleted."""
    resource = pytest.importorskip("resource")
    command = ("tune", "own.toml", *GRID, "--jobs", "1")
    stopped = subprocess.run(
        [ZOO, *command],
        capture_output=True,
        check=False,
        env=environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (full, full)),
        text=True,
    )
    journal = tmp_path / "studies" / "own" / "journal.log"
    assert stopped.returncode == 1
    assert stopped.stderr.endswith(
        f"zoo: {journal} could not be written: File too large.\n"
        "     Raise the limit with `ulimit -f`, or choose another disk. "
        "Then run the same command with --resume to continue.\n"
    )
    if full == 200:  # no record fits
        assert not journal.parent.parent.exists()
    else:
        assert journal.stat().st_size == full
    assert_whole_grid(json.loads(zoo_ok(*command, "--resume", "--json")))


def run_in_three_processes(*command: str) -> None:
    """Run a command in three processes at once, which must all succeed."""
    processes = [
        subprocess.Popen(
            [ZOO, *command],
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


def test_tune_several_processes() -> None:
    """Several processes together run exactly the requested number of trials."""
    command = ("tune", "own.toml", *SPACE, "--jobs", "1", "--json")
    zoo_ok(*command, "--trials", 1)
    run_in_three_processes(*command, "--trials", "9", "--resume")
    study = json.loads(zoo_ok(*command, "--trials", 9, "--resume"))
    done = [trial for trial in study["trials"] if trial["state"] == "done"]
    assert len(done) == 9
    assert len({str(trial["values"]) for trial in done}) == len(done)


def test_tune_grid_of_several_processes() -> None:
    """Processes that share a grid run each combination once."""
    rates = ("--space", "train.rate=0.1,0.2,0.3,0.4", "--space", "network.hidden=4,5")
    command = ("tune", "own.toml", *rates, "--sampler", "grid", "--jobs", "1", "--json")
    zoo_ok(*command, "--max-time", "100s", "--trials", 1)
    run_in_three_processes(*command, "--resume")
    trials = json.loads(zoo_ok(*command, "--resume"))["trials"]
    assert [trial["state"] for trial in trials] == ["done"] * 8
    assert len({str(trial["values"]) for trial in trials}) == 8
