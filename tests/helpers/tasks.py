"""Tasks that tests give to engines; workers import them from here."""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from zoo.errors import DataError
from zoo.parallel import worker


class Load(NamedTuple):
    """A number, what is done with it, and a folder to leave traces in."""

    number: int
    kind: str = "square"
    folder: str = ""


def square(load: Load) -> tuple[int, int]:
    """Return the square of the number, and which process found it; or do what the kind says."""
    if load.kind == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    elif load.kind == "dies once":
        trace = Path(load.folder, "died")
        if not trace.exists():
            trace.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif load.kind == "mistaken":
        raise ValueError(load.number)
    elif load.kind == "refused":
        raise DataError("There is nothing here.", hint="Look elsewhere.")
    elif load.kind == "lacking":
        return len(
            worker.received_data[DIGEST]
        ) if DIGEST in worker.received_data else lack(), os.getpid()
    elif load.kind == "slow":
        Path(load.folder, f"{load.number} at {os.getpid()}").touch()
        time.sleep(0.2)
    return load.number**2, os.getpid()


DIGEST = "d" * 64


def lack() -> int:
    """Say that the data is not here."""
    raise worker.MissingDataError(DIGEST)
