"""What happens in a worker: one task performed, and whatever goes wrong told as a value."""

import platform
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from zoo import __version__, keys
from zoo.errors import ZooError
from zoo.training import one_thread

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """A task that could not be done, and why."""

    reason: str
    hint: str = ""


@dataclass(frozen=True)
class Unfit:
    """A worker that other versions are installed on."""

    conditions: dict[str, str]


class Lacking(Exception):  # noqa: N818 - what a worker says, and no error
    """What a task needs is not at this worker, and must be sent."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


@dataclass(frozen=True)
class Wanting:
    """The same, on its way back."""

    digest: str


# what was sent to this process, by its digest
supplied: dict[str, bytes] = {}


def conditions() -> dict[str, str]:
    """Return what must be the same wherever one comparison is worked on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "zoo": __version__,
        "zoo's code": keys.code()[:12],
    }


def perform(
    function: Callable[[Task], Result], index: int, task: Task, wanted: dict[str, str]
) -> tuple[int, Result | Failure | Unfit | Wanting]:
    """Return a task's number and its result, or what kept it from having one."""
    here = conditions()
    if here != wanted:
        return index, Unfit(here)
    try:
        with one_thread():
            return index, function(task)
    except Lacking as lacking:
        return index, Wanting(lacking.digest)
    except ZooError as error:
        return index, Failure(str(error), error.hint)
    except Exception as error:  # noqa: BLE001 - one task that fails must not end the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.name}, line {last.lineno}"
        return index, Failure(f"{type(error).__name__}: {error} (in {where}).")
