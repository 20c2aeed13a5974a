"""Tasks that wait for the workers beside them, which run or are killed."""

import os
import signal
import time
from pathlib import Path

from tests.helpers.tasks import Load

BEFORE = 10  # tasks before the kill
KILLED = "killed"  # the file that marks the kill


def wait_for_kill(load: Load) -> tuple[int, int]:
    """Return the square of the number and the process id.

    The first tasks wait for two processes, the others until one of them is killed.
    """
    folder = Path(load.folder)
    (folder / f"{os.getpid()}.here").touch()
    while len(list(folder.glob("*.here"))) < 2:
        time.sleep(0.01)
    while load.number >= BEFORE and not (folder / KILLED).exists():
        time.sleep(0.01)
    return load.number**2, os.getpid()


def die_beside_another(load: Load) -> int:
    """Return the process id: task 0 kills its worker beside task 1, which waits for its repeat."""
    folder = Path(load.folder)
    if load.number:
        (folder / f"{os.getpid()}.started").touch()
        wait_for(folder, "repeated")
    elif (folder / "died").exists():
        (folder / "repeated").touch()
    else:
        wait_for(folder, "*.started")
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def fork_and_die(folder: Path) -> None:
    """Kill the worker; its own process waits for the end of the run, and not without end."""
    if os.fork() == 0:
        for _ in range(1000):
            if (folder / "run ended").exists():
                os._exit(0)
            time.sleep(0.01)
        (folder / "waited in vain").touch()
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)


def wait_unless_zero(number: int) -> None:
    """Wait without end, except in task 0."""
    while number:
        time.sleep(0.01)


def wait_for(folder: Path, pattern: str) -> None:
    """Wait until a file exists."""
    while not any(folder.glob(pattern)):
        time.sleep(0.01)
