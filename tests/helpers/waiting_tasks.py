"""A task that waits until both workers of a cluster run, and until one of them is killed."""

import os
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
