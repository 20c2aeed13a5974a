"""The interface of engines: tasks in, results in the order in which they are finished.

A task that fails yields a Failure, and the others continue. A task whose worker died is repeated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import describe
from zoo.parallel.task_queue import TaskQueue
from zoo.parallel.versions import WorkerVersionError, worker_versions
from zoo.parallel.worker import Failure, MissingDataError, run_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Task = TypeVar("Task")
Result = TypeVar("Result")
Call = Callable[[], Any]


class WorkerDeath:
    """The outcome of a call whose worker died."""


class UnsentTaskError(Exception):
    """Raised when a task cannot be pickled for its worker."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"The task cannot be pickled: {describe(error)}.")


class Engine(ABC):
    """Workers; a subclass starts calls in them, waits for calls, and abandons calls."""

    capacity = 1  # calls that are started at a time
    _running = False

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        supply: Callable[[str], bytes] | None = None,
    ) -> Iterator[tuple[int, Result | Failure]]:
        """Yield the index and the result of every task, in the order in which they finish.

        `supply` returns the data that a worker requests, by its digest.
        """
        if self._running:  # the outcomes of two runs would be mixed
            raise RuntimeError("This engine already runs tasks.")
        self._running = True
        queue, versions = TaskQueue(len(tasks)), worker_versions()
        data = _Data(supply, self._send_data)
        results: list[tuple[int, Result | Failure]] = []
        try:
            while True:
                while (index := queue.start_next(self.capacity)) is not None:
                    try:
                        self._start(index, partial(run_task, function, tasks[index], versions))
                    except UnsentTaskError as error:
                        queue.finish(index)
                        results.append((index, Failure(str(error))))
                yield from results  # while the workers have their next tasks
                if not queue.running:
                    return
                results = [
                    (index, result)
                    for index, outcome in self._finished()
                    for result in _results(index, outcome, queue, data)
                ]
        finally:
            self._abandon()
            self._running = False

    @abstractmethod
    def _start(self, index: int, call: Call) -> None:
        """Start the call of a task; raise UnsentTaskError if it cannot be pickled."""

    @abstractmethod
    def _finished(self) -> Iterable[tuple[int, Any]]:
        """Wait for calls, and return their indices and outcomes; a WorkerDeath is one."""

    @abstractmethod
    def _abandon(self) -> None:
        """End the calls that were started and are not finished."""

    @abstractmethod
    def _send_data(self, digest: str, content: bytes) -> None:
        """Send data to all workers, before their next calls."""

    def close(self) -> None:
        """End all workers, or at least their calls."""
        self._abandon()


class _Data:
    """The data that workers request. It is sent once, and again if a task still lacks it."""

    def __init__(
        self, supply: Callable[[str], bytes] | None, send: Callable[[str, bytes], None]
    ) -> None:
        self._supply, self._send = supply, send
        self._sent: set[str] = set()
        self._requests = Counter[int]()

    def send(self, index: int, digest: str) -> bool:
        """Send the data of a task, unless it is on its way; return False if this is no use."""
        if not self._supply or self._requests[index] == MAX_REQUESTS:
            return False
        if self._requests[index] or digest not in self._sent:
            self._sent.add(digest)
            self._send(digest, self._supply(digest))
        self._requests[index] += 1
        return True


MAX_REQUESTS = 2  # of one task


def _results(index: int, outcome: Any, queue: TaskQueue, data: _Data) -> Iterator[Any]:
    """Yield the result of a call, or nothing if its task is repeated."""
    match outcome:
        case WorkerVersionError():
            raise outcome
        case WorkerDeath():
            if queue.repeat_after_death(index):
                return
            outcome = Failure("Its worker died, also when it was the only task.")
        case MissingDataError(digest=digest):
            if data.send(index, digest):
                queue.repeat(index)
                return
            outcome = Failure(f"The data {digest[:12]} could not be sent to its worker.")
    queue.finish(index)
    yield outcome
