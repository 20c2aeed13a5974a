"""Engines by name: serial, processes, dask, dask:ADDRESS or dask:FILE.json."""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING

from zoo.errors import ConfigError
from zoo.parallel.engine import Engine
from zoo.parallel.signals import exit_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


KINDS = ("serial", "processes", "dask")


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
        engine = stack.enter_context(_start_engine(kind, place, jobs))
        stack.callback(engine.close)
        yield engine


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
