"""Tasks for engines; workers import this module."""

import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from zoo.errors import DataError
from zoo.parallel import worker


class Load(NamedTuple):
    """A number, what the task does with it, and a folder for the task's files."""

    number: int
    kind: str = "square"
    folder: str = ""


def square(load: Load) -> tuple[int, int]:
    """Return the square of the number and the process id, or fail as the kind says."""
    if load.kind == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    elif load.kind == "dies once":
        trace = Path(load.folder, "died")
        if not trace.exists():
            trace.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif load.kind == "value error":
        raise ValueError(load.number)
    elif load.kind == "interrupt":
        raise KeyboardInterrupt
    elif load.kind == "data error":
        raise DataError("There is nothing here.", hint="Look elsewhere.")
    elif load.kind == "needs data":
        if DIGEST not in worker.received_data:
            raise worker.MissingDataError(DIGEST)
        return len(worker.received_data[DIGEST]), os.getpid()
    elif load.kind == "slow":
        Path(load.folder, f"{load.number} at {os.getpid()}").touch()
        time.sleep(0.2)
    return load.number**2, os.getpid()


def fail_after_return(kind: str) -> object:
    """Return something that cannot be pickled or unpickled, or exit, as the kind says."""
    match kind:
        case "exits":
            sys.exit(3)
        case "cannot be pickled":
            return lambda: kind
        case "cannot be unpickled":
            return FailsToUnpickle()
        case _:
            return os.getpid()


class FailsToUnpickle:
    """An object that is pickled, and whose pickle raises an error."""

    def __reduce__(self) -> tuple[object, ...]:
        return int, ("seven",)


DIGEST = "d" * 64


def use_processes(numbers: list[int]) -> list[int]:
    """Return the absolute values of numbers, computed in two other processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        return list(executor.map(abs, numbers))


def thread_limit(_: object) -> str | None:
    """Return the limit of threads in this process when it loaded NumPy."""
    return os.environ.get("OMP_NUM_THREADS")
