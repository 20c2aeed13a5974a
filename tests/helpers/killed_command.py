"""A `zoo` command that stops itself at the n-th call of a function: see tests.helpers.killing.

`python -P killed_command.py JSON ARGUMENT...`, where the JSON holds the fields of a `Moment`.
"""

import contextlib
import functools
import importlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

Call = Callable[..., Any]


class Attribute(NamedTuple):
    """An attribute of a module or of a class in it: `zoo.training.run:Run.lock`."""

    owner: Any
    name: str

    @classmethod
    def of(cls, text: str) -> "Attribute":
        """Return the attribute with this name."""
        module, _, path = text.partition(":")
        *owners, name = path.split(".")
        return cls(functools.reduce(getattr, owners, importlib.import_module(module)), name)

    def wrap(self, wrapper: Callable[[Call], Call]) -> None:
        """Replace the function with a wrapper around it."""
        setattr(self.owner, self.name, wrapper(getattr(self.owner, self.name)))


def arm(moment: dict[str, Any]) -> None:
    """Count the calls of all these functions together; stop at the n-th."""
    count = itertools.count(1)

    def counted(function: Call) -> Call:
        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            due = next(count) == moment["at"]
            if due and not moment["after"]:
                stop(moment)
            result = function(*arguments, **options)
            if due and moment["after"]:
                stop(moment)
            return result

        return call

    for text in moment["functions"]:
        Attribute.of(text).wrap(counted)


def stop(moment: dict[str, Any]) -> None:
    """Raise the moment's error, or send its signals."""
    if moment["once"]:
        try:
            Path(moment["once"]).touch(exist_ok=False)
        except FileExistsError:
            return
    if moment["error"]:
        raise OSError(moment["error"], os.strerror(moment["error"]))
    for number in moment["signals"]:
        if moment["group"]:
            os.killpg(0, number)  # like Ctrl-C in a terminal
        else:
            for process in moment["processes"] or [os.getpid()]:
                os.kill(process, number)


class ArmedTask:
    """An engine's task function that arms its process first."""

    def __init__(self, moment: dict[str, Any]) -> None:
        self.moment = moment

    def __call__(self, task: object) -> object:
        if not hasattr(sys, "armed"):
            setattr(sys, "armed", True)  # noqa: B010 - mypy refuses the other
            arm(self.moment)
        attribute = Attribute.of(self.moment["worker"])  # is not replaced in the worker
        return getattr(attribute.owner, attribute.name)(task)


def main() -> None:
    """Run the command."""
    moment = json.loads(sys.argv[1])
    sys.argv = ["zoo", *sys.argv[2:]]
    if moment["tick"]:  # every reading advances the clock, like on a slow machine
        seconds = itertools.count(0, moment["tick"])
        time.perf_counter = lambda: next(seconds)
    from zoo.cli.app import main as zoo_main

    if moment["every"]:
        at_every(moment, zoo_main)
    else:
        if moment["worker"]:
            Attribute.of(moment["worker"]).wrap(lambda _: ArmedTask(moment))
        else:
            arm(moment)
        zoo_main()


def at_every(moment: dict[str, Any], command: Callable[[], None]) -> None:
    """Run the command to its end, then killed at the first call, at the second, and so on.

    Each runs in a folder 0, 1, 2 ... and in a forked child, until one is not killed. The file
    `codes` has all exit codes.
    """
    codes: list[int] = []
    for at in range(moment["every"]):
        Path(str(at)).mkdir()
        if at == 0:
            # it runs in this process, so that all children have its imports
            code = exit_code(command, Path("0"))
        elif child := os.fork():
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            os.dup2(os.open(f"{at}.stderr", os.O_WRONLY | os.O_CREAT), 2)
            arm(moment | {"at": at})
            os._exit(exit_code(command, Path(str(at))))
        codes.append(code)
        if at and code == 0:
            break
    Path("codes").write_text(json.dumps(codes))


def exit_code(command: Callable[[], None], folder: Path) -> int:
    """Run a command in a folder and return its exit code."""
    with contextlib.chdir(folder):
        try:
            command()
        except SystemExit as end:
            return int(end.code or 0)
    return 0


if __name__ == "__main__":
    main()
