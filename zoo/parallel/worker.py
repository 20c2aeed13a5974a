"""The worker: it runs one task and returns every error as a value."""

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
    """Returned for a task that failed, with the reason."""

    reason: str
    hint: str = ""


@dataclass(frozen=True)
class VersionMismatch:
    """Returned by a worker that has other package versions."""

    environment: dict[str, str]


class MissingDataError(Exception):
    """Raised in a worker when it does not have the data of a task."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


@dataclass(frozen=True)
class DataRequest:
    """Returned by a worker that needs data that it does not have."""

    digest: str


# data sent to this process, by its digest
received_data: dict[str, bytes] = {}


def worker_environment() -> dict[str, str]:
    """Return the versions that all workers must have in common."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "zoo": __version__,
        "zoo's code": cache_key.source_digest()[:12],
    }


def run_task(
    function: Callable[[Task], Result], index: int, task: Task, required: dict[str, str]
) -> tuple[int, Result | Failure | VersionMismatch | DataRequest]:
    """Return a task's index and its result, or the error as a value."""
    environment = worker_environment()
    if environment != required:
        return index, VersionMismatch(environment)
    try:
        with one_thread():
            return index, function(task)
    except MissingDataError as missing:
        return index, DataRequest(missing.digest)
    except ZooError as error:
        return index, Failure(str(error), error.hint)
    except Exception as error:  # noqa: BLE001 - a failed task must not end the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.name}, line {last.lineno}"
        return index, Failure(f"{type(error).__name__}: {error} (in {where}).")
