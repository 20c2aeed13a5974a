"""The engines: a word names one, and it performs tasks as they come, through joblib.

A worker that dies takes nothing with it: what it was at is done again elsewhere. A task that fails
is told as a value, and the others go on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ConfigError, ZooError
from zoo.parallel.signals import signals_blocked
from zoo.parallel.worker import DataRequest, Failure, VersionMismatch, perform, worker_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

MAX_WORKER_DEATHS = 2  # deaths of workers that a task was seen at, before it is tried alone

Task = TypeVar("Task")
Result = TypeVar("Result")


def do_nothing() -> None:
    """Recover nothing: joblib starts new processes by itself."""


@dataclass(frozen=True)
class Engine:
    """Where tasks are performed: a backend of joblib, how much it does at once, how it dies."""

    jobs: int
    backend: Callable[[], Any]  # anew for every attempt
    options: dict[str, Any]
    worker_death_errors: tuple[type[BaseException], ...]  # what joblib raises when a worker is gone
    send_data: Callable[[str, bytes], None] | None = None  # gives every worker what it wants
    recover: Callable[[], None] = do_nothing  # called after workers have died
    unfinished: list[Generator[Any]] = field(default_factory=list)  # joblib's results

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        supply: Callable[[str], bytes] | None = None,
    ) -> Iterator[tuple[int, Result | Failure]]:
        """Yield the number and the result of every task, in the order in which they are done.

        `supply` gives the bytes of what a worker says it lacks, by their digest.
        """
        pending, strikes, asked = set(range(len(tasks))), Counter[int](), Counter[int]()
        while pending:
            suspects = sorted(index for index in pending if strikes[index] >= MAX_WORKER_DEATHS)
            batch = suspects[:1] or sorted(pending)
            begun: set[int] = set()
            wanted: set[str] = set()
            try:
                for index, result in self._perform(function, tasks, batch, begun):
                    if isinstance(result, VersionMismatch):
                        raise WorkerVersionError(result.environment)
                    if (
                        isinstance(result, DataRequest)
                        and supply
                        and asked[index] < MAX_WORKER_DEATHS
                    ):
                        asked[index] += 1
                        wanted.add(result.digest)
                        continue
                    pending.remove(index)
                    yield index, _as_result(result)
            except self.worker_death_errors as error:
                if not begun & pending:  # no task is to blame
                    reason = str(error).split(". ")[0]
                    raise ZooError(
                        f"The workers are gone: {reason}.",
                        hint="What is done is kept, and the same command goes on.",
                    ) from None
                if suspects:
                    pending.remove(batch[0])
                    yield batch[0], Failure("Its worker died, and again when it was alone.")
                strikes.update(begun & pending)
                self.recover()
            for digest in wanted:
                if supply and self.send_data:
                    self.send_data(digest, supply(digest))

    def _perform(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        batch: Sequence[int],
        begun: set[int],
    ) -> Iterator[tuple[int, Result | Failure | VersionMismatch | DataRequest]]:
        from joblib import Parallel, delayed

        wanted = worker_environment()

        def calls() -> Iterator[Any]:
            for index in batch:
                begun.add(index)
                yield delayed(perform)(function, index, tasks[index], wanted)

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
        """Abandon the tasks of a `run` that was left before its end, while the workers exist."""
        for results in self.unfinished:
            results.close()


def _as_result(result: Result | Failure | DataRequest) -> Result | Failure:
    if isinstance(result, DataRequest):
        return Failure(f"The data {result.digest[:12]} is not at its worker.")
    return result


class WorkerVersionError(ConfigError):
    """Workers that other versions are installed on: their bits would be others, too."""

    def __init__(self, *found: dict[str, str], names: Sequence[str] = ("a worker",)) -> None:
        here = worker_environment()
        lines = [
            f"{name} has {_differences(there, here)}"
            for name, there in zip(names, found, strict=True)
        ]
        super().__init__(
            "\n  ".join(["Not every worker has what is installed here:", *lines]),
            hint="Install the same on all of them; equal bits need equal versions.",
        )


def _differences(there: dict[str, str], here: dict[str, str]) -> str:
    return ", ".join(
        f"{name} {there[name]} (here {value})"
        for name, value in here.items()
        if name in there and there[name] != value
    )
