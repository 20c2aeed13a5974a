"""A command of `zoo` that stops itself at the n-th call of a function: see tests.helpers.killing.

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


class Place(NamedTuple):
    """An attribute of a module or of a class in it: `zoo.training.run:Run.lock`."""

    owner: Any
    name: str

    @classmethod
    def of(cls, text: str) -> "Place":
        """Return the place of that name."""
        module, _, path = text.partition(":")
        *owners, name = path.split(".")
        return cls(functools.reduce(getattr, owners, importlib.import_module(module)), name)

    def wrap(self, wrapper: Callable[[Call], Call]) -> None:
        """Put a function around the one that is there."""
        setattr(self.owner, self.name, wrapper(getattr(self.owner, self.name)))


def arm(moment: dict[str, Any]) -> None:
    """Count the calls of all these functions together, and stop at the n-th."""
    count = itertools.count(1)

    def counted(function: Call) -> Call:
        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            due = next(count) == moment["at"]
            if due and not moment["after"]:
                stop(moment)
            found = function(*arguments, **options)
            if due and moment["after"]:
                stop(moment)
            return found

        return call

    for text in moment["functions"]:
        Place.of(text).wrap(counted)


def stop(moment: dict[str, Any]) -> None:
    """Do to this process what the moment says."""
    if moment["together"] and not chosen(Path(moment["folder"]), moment["together"]):
        return
    if moment["error"]:
        raise OSError(moment["error"], os.strerror(moment["error"]))
    for number in moment["signals"]:
        if moment["group"]:
            os.killpg(0, number)  # as a terminal does, to everybody
        else:
            for process in moment["processes"] or [os.getpid()]:
                os.kill(process, number)


def chosen(folder: Path, count: int) -> bool:
    """Wait until so many processes have come here; let the first one go on, and keep the others.

    Processes that come once one of them was let go on are not kept.
    """
    if (folder / "over").exists():
        return False
    (folder / f"{os.getpid()}.here").touch()
    while len(list(folder.glob("*.here"))) < count:
        time.sleep(0.01)
    try:
        (folder / "over").touch(exist_ok=False)
    except FileExistsError:
        signal.pause()  # until the engine ends what worked beside the one that died
    return True


def arm_workers(moment: dict[str, Any]) -> None:
    """Arm the processes in which an engine performs that function."""

    def armed(_: Call) -> Call:
        def call(task: object) -> object:  # pickled by value, since this module is __main__
            if not hasattr(sys, "armed"):
                setattr(sys, "armed", True)  # noqa: B010 - mypy refuses the other
                arm(moment)
            place = Place.of(moment["worker"])  # where nothing is wrapped
            return getattr(place.owner, place.name)(task)

        return call

    Place.of(moment["worker"]).wrap(armed)


def main() -> None:
    """Run the command."""
    moment = json.loads(sys.argv[1])
    sys.argv = ["zoo", *sys.argv[2:]]
    if moment["tick"]:  # a clock that goes on whenever it is read, as a slow machine's would
        seconds = itertools.count(0, moment["tick"])
        time.perf_counter = lambda: next(seconds)
    from zoo.cli.app import main as zoo_main

    if moment["every"]:
        at_every(moment, zoo_main)
    else:
        (arm_workers if moment["worker"] else arm)(moment)
        zoo_main()


def at_every(moment: dict[str, Any], command: Callable[[], None]) -> None:
    """Run the command to its end, then die at the first call, at the second, and so on.

    It happens in folders 0, 1, 2 ..., each time in a forked child, until one gets to its end. The
    exit codes of all come into the file `codes`.
    """
    codes: list[int] = []
    for at in range(moment["every"]):
        Path(str(at)).mkdir()
        if at == 0:
            code = ended(command, Path("0"))  # in this process, which imports what the others need
        elif child := os.fork():
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            arm(moment | {"at": at})
            os._exit(ended(command, Path(str(at))))
        codes.append(code)
        if at and code == 0:
            break
    Path("codes").write_text(json.dumps(codes))


def ended(command: Callable[[], None], folder: Path) -> int:
    """Run a command in a folder and return its exit code."""
    with contextlib.chdir(folder):
        try:
            command()
        except SystemExit as end:
            return int(end.code or 0)
    return 0


if __name__ == "__main__":
    main()
