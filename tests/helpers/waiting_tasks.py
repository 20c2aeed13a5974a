"""A task that waits for both workers of a cluster, and for one of them to be killed."""

import os
import time
from pathlib import Path

from tests.helpers.tasks import Load

BEFORE = 10  # tasks that are done before
KILLED = "killed"  # the file that says so


def wait_for_kill(load: Load) -> tuple[int, int]:
    """Return the square of the number, and which process found it.

    The first tasks wait until two processes are at work, the others until one has been killed.
    """
    folder = Path(load.folder)
    (folder / f"{os.getpid()}.here").touch()
    while len(list(folder.glob("*.here"))) < 2:
        time.sleep(0.01)
    while load.number >= BEFORE and not (folder / KILLED).exists():
        time.sleep(0.01)
    return load.number**2, os.getpid()
