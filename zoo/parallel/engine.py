"""Engines: they run tasks through joblib and yield each result when it is finished.

The tasks of a worker that dies are retried by another one. A task that fails yields a Failure, and
the others continue.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ConfigError, ZooError
from zoo.parallel.signals import signals_blocked
from zoo.parallel.worker import DataRequest, Failure, VersionMismatch, run_task, worker_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

MAX_WORKER_DEATHS = 2  # deaths during a task before the task is retried in isolation

Task = TypeVar("Task")
Result = TypeVar("Result")


def do_nothing() -> None:
    """Do nothing: joblib starts new processes by itself."""


@dataclass(frozen=True)
class Engine:
    """A joblib backend with its number of workers and its errors when a worker dies."""

    jobs: int
    backend: Callable[[], Any]  # called for every attempt
    options: dict[str, Any]
    worker_death_errors: tuple[type[BaseException], ...]  # raised by joblib when a worker dies
    send_data: Callable[[str, bytes], None] | None = None  # sends data to all workers
    recover: Callable[[], None] = do_nothing  # called after workers died
    unfinished: list[Generator[Any]] = field(default_factory=list)  # joblib's generators

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
        pending, deaths, requests = set(range(len(tasks))), Counter[int](), Counter[int]()
        while pending:
            suspects = sorted(index for index in pending if deaths[index] >= MAX_WORKER_DEATHS)
            batch = suspects[:1] or sorted(pending)
            started: set[int] = set()
            requested: set[str] = set()
            try:
                for index, result in self._perform(function, tasks, batch, started):
                    if isinstance(result, VersionMismatch):
                        raise WorkerVersionError(result.environment)
                    if (
                        isinstance(result, DataRequest)
                        and supply
                        and requests[index] < MAX_WORKER_DEATHS
                    ):
                        requests[index] += 1
                        requested.add(result.digest)
                        continue
                    pending.remove(index)
                    yield index, _as_result(result)
            except self.worker_death_errors as error:
                if not started & pending:  # no task was running
                    reason = str(error).split(". ")[0]
                    raise ZooError(
                        f"The workers stopped: {reason}.",
                        hint="Repeat the command: finished tasks are kept.",
                    ) from None
                if suspects:
                    pending.remove(batch[0])
                    yield batch[0], Failure("Its worker died, also when it was the only task.")
                deaths.update(started & pending)
                self.recover()
            for digest in requested:
                if supply and self.send_data:
                    self.send_data(digest, supply(digest))

    def _perform(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        batch: Sequence[int],
        started: set[int],
    ) -> Iterator[tuple[int, Result | Failure | VersionMismatch | DataRequest]]:
        from joblib import Parallel, delayed

        required = worker_environment()

        def calls() -> Iterator[Any]:
            for index in batch:
                started.add(index)
                yield delayed(run_task)(function, index, tasks[index], required)

        parallel = Parallel(
            n_jobs=self.jobs,
            backend=self.backend(),
            return_as="generator_unordered",
            batch_size=1,
            max_nbytes=None,
            **self.options,
        )
        with signals_blocked():
            results = parallel(calls())
        self.unfinished.append(results)
        try:
            yield from results
        finally:
            results.close()
            self.unfinished.remove(results)

    def close(self) -> None:
        """Cancel the tasks of a `run` that was not finished, while the workers exist."""
        for results in self.unfinished:
            results.close()


def _as_result(result: Result | Failure | DataRequest) -> Result | Failure:
    if isinstance(result, DataRequest):
        return Failure(f"The data {result.digest[:12]} could not be sent to its worker.")
    return result


class WorkerVersionError(ConfigError):
    """Raised when workers have other package versions; their results would differ."""

    def __init__(self, *environments: dict[str, str], names: Sequence[str] = ("a worker",)) -> None:
        required = worker_environment()
        lines = [
            f"{name} has {_differences(environment, required)}"
            for name, environment in zip(names, environments, strict=True)
        ]
        super().__init__(
            "\n  ".join(["Some workers have other versions than this process:", *lines]),
            hint="Install the same versions on all workers.",
        )


def _differences(environment: dict[str, str], required: dict[str, str]) -> str:
    return ", ".join(
        f"{name} {environment[name]} (expected {value})"
        for name, value in required.items()
        if name in environment and environment[name] != value
    )
