"""The engines: a word names one, and it performs tasks as they come, through joblib.

A worker that dies takes nothing with it: what it was at is done again elsewhere. A task that fails
is told as a value, and the others go on.
"""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ConfigError, ZooError
from zoo.parallel.signals import exit_with_parent, signals_blocked
from zoo.parallel.worker import DataRequest, Failure, VersionMismatch, perform, worker_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

KINDS = ("serial", "processes", "dask")
MAX_WORKER_DEATHS = 2  # deaths of workers that a task was seen at, before it is tried alone

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Engine:
    """Where tasks are performed: a backend of joblib, how much it does at once, how it dies."""

    jobs: int
    backend: Callable[[], Any]  # anew for every attempt
    options: dict[str, Any]
    worker_death_errors: tuple[type[BaseException], ...]  # what joblib raises when a worker is gone
    send_data: Callable[[str, bytes], None] | None = None  # gives every worker what it wants

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
        try:
            yield from results
        finally:
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


def parse_engine(word: str) -> tuple[str, str]:
    """Return the kind and the place that a word names."""
    kind, colon, place = word.partition(":")
    if kind not in KINDS or (colon and (kind != "dask" or not place)):
        raise ConfigError(
            f"There is no engine {word!r}.",
            hint="There are serial, processes, dask, dask:tcp://HOST:PORT, dask:FILE.json.",
        )
    return kind, place


@contextmanager
def open_engine(word: str, *, jobs: int) -> Iterator[Engine]:
    """Give the engine of that name, with so many workers where it starts them itself.

    That is `serial`, `processes`, `dask` for a cluster of this machine's own, `dask:ADDRESS` or
    `dask:FILE.json` for one that runs.
    """
    kind, place = parse_engine(word)
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        # whoever stops an engine knows that tasks are lost, and a worker may rest
        warnings.filterwarnings("ignore", message=".* tasks which were still being processed")
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        yield stack.enter_context(_start_engine(kind, place, jobs))


def _start_engine(kind: str, place: str, jobs: int) -> AbstractContextManager[Engine]:
    """Return the engine of that kind, not yet started."""
    if kind == "processes":
        return _processes(jobs)
    if kind == "dask":
        if find_spec("distributed") is None:
            raise ConfigError(
                "The engine dask needs the package distributed, which is not installed.",
                hint="`pip install 'numpy-zoo[dask]'`",
            )
        from zoo.parallel.dask_cluster import cluster

        return cluster(place, jobs=jobs)
    return nullcontext(Engine(1, lambda: "sequential", {}, worker_death_errors=()))


@contextmanager
def _processes(jobs: int) -> Iterator[Engine]:
    from concurrent.futures import BrokenExecutor

    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.backend import resource_tracker

    resource_tracker.ensure_running()  # as in `undisturbed`: this is another one
    try:
        yield Engine(
            jobs,
            lambda: "loky",
            {"initializer": exit_with_parent},
            worker_death_errors=(BrokenExecutor,),
        )
    finally:
        get_reusable_executor(reuse=True).shutdown(kill_workers=True)


def cpu_count() -> int:
    """Return how many processes this machine has room for, also in a container."""
    from joblib import cpu_count

    return int(cpu_count())
