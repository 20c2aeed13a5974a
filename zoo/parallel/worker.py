"""What happens in a worker: one task performed, and whatever goes wrong told as a value."""

import platform
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from zoo import __version__
from zoo.config import cache_key
from zoo.errors import ZooError
from zoo.parallel.threads import one_thread

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """A task that could not be done, and why."""

    reason: str
    hint: str = ""


@dataclass(frozen=True)
class VersionMismatch:
    """A worker that other versions are installed on."""

    environment: dict[str, str]


class MissingDataError(Exception):
    """What a task needs is not at this worker, and must be sent."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


@dataclass(frozen=True)
class DataRequest:
    """The same, on its way back."""

    digest: str


# what was sent to this process, by its digest
received_data: dict[str, bytes] = {}


def worker_environment() -> dict[str, str]:
    """Return what must be the same wherever one comparison is worked on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "zoo": __version__,
        "zoo's code": cache_key.source_digest()[:12],
    }


def perform(
    function: Callable[[Task], Result], index: int, task: Task, required: dict[str, str]
) -> tuple[int, Result | Failure | VersionMismatch | DataRequest]:
    """Return a task's number and its result, or what kept it from having one."""
    here = worker_environment()
    if here != required:
        return index, VersionMismatch(here)
    try:
        with one_thread():
            return index, function(task)
    except MissingDataError as lacking:
        return index, DataRequest(lacking.digest)
    except ZooError as error:
        return index, Failure(str(error), error.hint)
    except Exception as error:  # noqa: BLE001 - one task that fails must not end the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.name}, line {last.lineno}"
        return index, Failure(f"{type(error).__name__}: {error} (in {where}).")
