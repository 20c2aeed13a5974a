"""The worker: it runs one task and returns every error as a value."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from zoo.errors import Stopped, ZooError, describe
from zoo.parallel.threads import one_thread
from zoo.parallel.versions import (
    Versions,
    WorkerVersionError,
    check_versions,
    worker_versions,
)

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """Returned for a task that failed, with the reason."""

    reason: str
    hint: str = ""


class MissingDataError(Exception):
    """Raised by a task whose worker does not have its data."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


# data sent to this process, by its digest
received_data: dict[str, bytes] = {}


def call_with_data(call: Callable[[], Result], data: Mapping[str, bytes]) -> Result:
    """Return the result of a call that came with data for this process."""
    received_data.update(data)
    return call()


def run_task(
    function: Callable[[Task], Result], task: Task, required: Versions
) -> Result | Failure | MissingDataError | WorkerVersionError:
    """Return the result of a task, or its error as a value."""
    try:
        check_versions({"a worker": worker_versions()}, required)
        with one_thread():
            return function(task)
    except (MissingDataError, WorkerVersionError) as error:
        return error
    except ZooError as error:
        return Failure(str(error), error.hint)
    except Stopped:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a failed task must not end the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.name}, line {last.lineno}"
        return Failure(f"{describe(error)} (in {where}).")
