"""Checks in a child process, which is killed if one of them hangs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from queue import Empty, Queue
from threading import Thread
from typing import IO

from zoo.errors import ConfigError
from zoo.formatting import number
from zoo.system import processes
from zoo.system.signals import exit_code
from zoo.testing.suite import CheckResult, run_checks


def checks_in_child(name: str, *, timeout: float) -> Iterator[CheckResult]:
    """Yield the results of a plugin's checks; one that takes longer than `timeout` is a fault."""
    child = subprocess.Popen(  # noqa: S603 - runs a module of zoo
        [sys.executable, "-P", "-m", "zoo.testing", name],  # -P: no imports from the current folder
        stdout=subprocess.PIPE,
        encoding="utf-8",
        **processes.options_for_a_group(),  # processes that it starts are killed with it
    )
    assert child.stdout  # noqa: S101 - it is a pipe
    lines: Queue[str] = Queue()
    Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
    subject = "the first check"
    try:
        while line := lines.get(timeout=timeout):
            message = json.loads(line)
            if "done" in message:
                return
            if "begin" in message:
                subject = message["begin"]
            else:
                yield _result(message)
        yield CheckResult(subject, f"it ended the whole process with exit code {child.wait()}.")
    except Empty:
        yield CheckResult(subject, f"it hangs: no answer within {number(timeout)} seconds.")
    finally:
        processes.kill_group(child)
        child.wait()


def _result(message: dict[str, str]) -> CheckResult:
    if "refused" in message:
        raise ConfigError(message["refused"], hint=message["hint"])
    return CheckResult(**message)


def _pump(pipe: IO[str], lines: Queue[str]) -> None:
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put("")


def main(name: str) -> None:
    """Print each result as a line of JSON; other output of the plugin goes to stderr."""
    stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(**message: str) -> None:
        stdout.write(f"{json.dumps(message)}\n")
        stdout.flush()

    try:
        for result in run_checks(name, begin=lambda subject: send(begin=subject)):
            send(**result._asdict())
        send(done="all")
    except ConfigError as error:
        send(refused=str(error), hint=error.hint)
    except KeyboardInterrupt:  # from code of the plugin: the keys of a terminal reach the parent
        sys.exit(exit_code(signal.SIGINT))
