"""The trials in a process of their own, which is ended if one of them does not come back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from queue import Empty, Queue
from threading import Thread
from typing import IO

from zoo.conformance.suite import Finding, findings_of
from zoo.errors import ConfigError


def findings(name: str, *, patience: float) -> Iterator[Finding]:
    """Yield what is found, each trial within so many seconds; one that hangs is a finding."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "zoo.conformance", name], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout  # noqa: S101 - it is a pipe
        lines: Queue[str] = Queue()
        Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
        begun = "what comes first"
        try:
            while line := lines.get(timeout=patience):
                told = json.loads(line)
                if "begin" in told:
                    begun = told["begin"]
                else:
                    yield _finding(told)
        except Empty:
            child.kill()
            yield Finding(begun, f"it hangs: nothing came back in {patience:g} seconds.")
            return
        except BaseException:  # whoever listened went away
            child.kill()
            raise
        if code := child.wait():
            yield Finding(begun, f"it ended the whole process, with {code}.")


def _finding(told: dict[str, str]) -> Finding:
    if "refused" in told:
        raise ConfigError(told["refused"], hint=told["hint"])
    return Finding(**told)


def _pump(pipe: IO[str], lines: Queue[str]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put("")


def main(name: str) -> None:
    """Print what is found, an object a line; whatever else is printed goes to stderr."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**facts: str) -> None:
        print(json.dumps(facts), file=told, flush=True)

    try:
        for one in findings_of(name, begin=lambda subject: say(begin=subject)):
            say(**one._asdict())
    except ConfigError as error:
        say(refused=str(error), hint=error.hint)
