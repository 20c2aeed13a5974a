"""The trials in a process of their own, which is ended if one of them does not come back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import IO

from zoo.errors import ConfigError
from zoo.formatting import number
from zoo.testing.suite import CheckResult, run_checks


def checks_in_child(name: str, *, patience: float) -> Iterator[CheckResult]:
    """Yield what is found, each trial within so many seconds; one that hangs is a finding."""
    child = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "zoo.testing", name],  # with nothing of this folder
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that what it starts is ended with it
    )
    assert child.stdout  # noqa: S101 - it is a pipe
    lines: Queue[str] = Queue()
    Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
    begun = "what comes first"
    try:
        while line := lines.get(timeout=patience):
            told = json.loads(line)
            if "done" in told:
                return
            if "begin" in told:
                begun = told["begin"]
            else:
                yield _finding(told)
        yield CheckResult(begun, f"it ended the whole process, with {child.wait()}.")
    except Empty:
        yield CheckResult(begun, f"it hangs: nothing came back in {number(patience)} seconds.")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _finding(told: dict[str, str]) -> CheckResult:
    if "refused" in told:
        raise ConfigError(told["refused"], hint=told["hint"])
    return CheckResult(**told)


def _pump(pipe: IO[str], lines: Queue[str]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put("")


def main(name: str) -> None:
    """Print what is found, an object a line; whatever else is printed goes to stderr."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**facts: str) -> None:
        told.write(f"{json.dumps(facts)}\n")
        told.flush()

    try:
        for one in run_checks(name, begin=lambda subject: say(begin=subject)):
            say(**one._asdict())
        say(done="all")
    except ConfigError as error:
        say(refused=str(error), hint=error.hint)
