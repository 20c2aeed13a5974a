"""A `zoo` command that stops itself at the n-th call of a function: see tests.helpers.killing.

`python -P killed_command.py JSON ARGUMENT...`, where the JSON holds the fields of a `Moment`.
"""

import contextlib
import functools
import importlib
import itertools
import json
import os
import signal
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
    if moment["together"] and not wait_for_others(Path(moment["folder"]), moment["together"]):
        return
    if moment["error"]:
        raise OSError(moment["error"], os.strerror(moment["error"]))
    for number in moment["signals"]:
        if moment["group"]:
            os.killpg(0, number)  # like Ctrl-C in a terminal
        else:
            for process in moment["processes"] or [os.getpid()]:
                os.kill(process, number)


def wait_for_others(folder: Path, count: int) -> bool:
    """Wait for this many processes; return True in the first one, and block the others.

    Return False in processes that arrive after that.
    """
    if (folder / "over").exists():
        return False
    (folder / f"{os.getpid()}.here").touch()
    while len(list(folder.glob("*.here"))) < count:
        time.sleep(0.01)
    try:
        (folder / "over").touch(exist_ok=False)
    except FileExistsError:
        signal.pause()  # until the engine ends the workers beside the one that died
    return True


def arm_workers(moment: dict[str, Any]) -> None:
    """Arm the processes in which an engine runs the moment's task function."""

    def armed(_: Call) -> Call:
        def call(task: object) -> object:  # pickled by value, since this module is __main__
            if not hasattr(sys, "armed"):
                setattr(sys, "armed", True)  # noqa: B010 - mypy refuses the other
                arm(moment)
            attribute = Attribute.of(moment["worker"])  # is not wrapped in the worker
            return getattr(attribute.owner, attribute.name)(task)

        return call

    Attribute.of(moment["worker"]).wrap(armed)


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
        (arm_workers if moment["worker"] else arm)(moment)
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
