"""Commands that are killed, stopped or refused the disk at a counted event, never after a time."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIGKILL, Signals

from tests.helpers.command import Result, environment
from tests.helpers.paths import ROOT

SCRIPT = ROOT / "tests" / "helpers" / "killed_command.py"
DEADLINE = 300  # seconds, after which something hangs

STEP = ("zoo.training.loop:Training._train_step",)
WRITE = ("os:fsync", "os:replace")  # a file is synced, or takes its name
PREDICTION = ("zoo.cli.output.predict:Formatter.add",)  # one is about to be written
TOLD = ("zoo.cli.progress:TaskProgress.done",)  # a task is done, kept, and counted on stderr
ATTEMPT = "zoo.analysis.tune:run_trial"  # in which a worker makes a trial


@dataclass(frozen=True)
class Moment:
    """The n-th call of one of these functions, and what happens to the process there."""

    functions: Sequence[str]
    at: int
    signals: Sequence[Signals] = (SIGKILL,)
    after: bool = False  # the call, instead of before it
    error: int = 0  # to be raised as an OSError, instead of a signal
    group: bool = False  # whether the whole process group gets the signals
    processes: Sequence[int] = ()  # that get the signals instead
    tick: float = 0  # seconds that pass from one reading of the clock to the next
    worker: str = ""  # the task of an engine's workers in which it happens, instead of here
    together: int = 0  # how many processes get there before it happens to the first
    folder: str = ""  # where they leave traces
    every: int = 0  # of how many calls each is tried, in a folder of its number


@contextmanager
def begun(moment: Moment, *arguments: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a session of its own, which stops itself at the moment."""
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
    """Run a command that stops itself at the moment; return its exit code and what it wrote."""
    with begun(moment, *arguments, cwd=cwd) as process:
        stdout, stderr = process.communicate(timeout=DEADLINE)
    return Result(process.returncode, stdout, stderr)


def killed_at_every(
    functions: Sequence[str], *arguments: object, most: int, cwd: Path
) -> list[int]:
    """Run a command whole in the folder 0, then killed at the n-th call in the folder n.

    Return the exit codes; the last one is of a command that made fewer calls.
    """
    result = killed(Moment(functions, at=0, every=most), *arguments, cwd=cwd)
    assert result.exit_code == 0, result.stderr
    codes: list[int] = json.loads((cwd / "codes").read_text())
    return codes
