"""Commands that are killed, stopped or get a disk error at the n-th call of a function."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.helpers.command import Result, environment
from tests.helpers.paths import ROOT

SCRIPT = ROOT / "tests" / "helpers" / "killed_command.py"
KILL = (signal.SIGKILL,) if hasattr(signal, "SIGKILL") else ()  # not on Windows
DEADLINE = 300  # seconds; a longer command hangs

STEP = ("zoo.training.loop:Training._train_step",)
WRITE = ("os:fsync", "os:replace")  # a file is synced or renamed
PREDICTION = ("zoo.cli.output.predict:Formatter.add",)  # before one is written
TASK_COUNTED = ("zoo.cli.progress:TaskProgress.done",)  # a task is finished and counted on stderr
TRIAL = "zoo.analysis.trials:run_trial"  # runs in a worker


@dataclass(frozen=True)
class Moment:
    """The n-th call of some functions, and what happens to the process at this call."""

    functions: Sequence[str]
    at: int
    signals: Sequence[signal.Signals] = KILL
    after: bool = False  # after the call, instead of before it
    error: int = 0  # errno of an OSError that is raised instead of a signal
    group: bool = False  # whether the whole process group gets the signals
    processes: Sequence[int] = ()  # that get the signals instead of this one
    tick: float = 0  # seconds between two readings of the clock
    worker: str = ""  # the engine's task function, if it happens in a worker
    once: str = ""  # a new file, if it happens to only one of several processes
    every: int = 0  # try each of the first n calls, in a folder with its number


@contextmanager
def started(moment: Moment, *arguments: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a new session; it stops itself at the moment."""
    with subprocess.Popen(
        [sys.executable, "-P", SCRIPT, json.dumps(asdict(moment)), *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(moment: Moment, *arguments: object, cwd: Path) -> Result:
    """Run a command that stops itself at the moment; return its exit code and output."""
    with started(moment, *arguments, cwd=cwd) as process:
        stdout, stderr = process.communicate(timeout=DEADLINE)
    return Result(process.returncode, stdout, stderr)


def killed_at_every(
    functions: Sequence[str], *arguments: object, most: int, cwd: Path
) -> list[int]:
    """Run a command in the folder 0, and one that is killed at the n-th call in each folder n.

    Return the exit codes; the last one is of a command that made fewer calls.
    """
    result = killed(Moment(functions, at=0, every=most), *arguments, cwd=cwd)
    assert result.exit_code == 0, result.stderr
    codes: list[int] = json.loads((cwd / "codes").read_text())
    return codes
