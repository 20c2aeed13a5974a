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


def parse_engine(name: str) -> tuple[str, str]:
    """Return the kind of an engine and its address or scheduler file."""
    kind, colon, location = name.partition(":")
    if kind not in KINDS or (colon and (kind != "dask" or not location)):
        raise ConfigError(
            f"There is no engine {name!r}.",
            hint="Use serial, processes, dask, dask:tcp://HOST:PORT or dask:FILE.json.",
        )
    return kind, location


@contextmanager
def open_engine(name: str, *, jobs: int) -> Iterator[Engine]:
    """Yield the engine with this name; `jobs` is the number of workers that it starts.

    A name is `serial`, `processes`, `dask` for a new cluster on this machine, or `dask:ADDRESS` or
    `dask:FILE.json` for a running cluster.
    """
    kind, location = parse_engine(name)
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        # a stopped engine loses tasks, and idle workers stop: both are expected
        warnings.filterwarnings("ignore", message=".* tasks which were still being processed")
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        engine = stack.enter_context(_start_engine(kind, location, jobs))
        stack.callback(engine.close)
        yield engine


def _start_engine(kind: str, location: str, jobs: int) -> AbstractContextManager[Engine]:
    """Return the context manager of an engine of this kind."""
    if kind == "processes":
        return _processes(jobs)
    if kind == "dask":
        if find_spec("distributed") is None:
            raise ConfigError(
                "The engine dask needs the package distributed, which is not installed.",
                hint="Install it: `pip install 'numpy-zoo[dask]'`.",
            )
        from zoo.parallel.dask_cluster import cluster

        return cluster(location, jobs=jobs)
    return nullcontext(Engine(1, lambda: "sequential", {}, worker_death_errors=()))


@contextmanager
def _processes(jobs: int) -> Iterator[Engine]:
    from concurrent.futures import BrokenExecutor

    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.backend import resource_tracker

    resource_tracker.ensure_running()  # loky has its own; see signals_blocked
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
    """Return the number of CPUs that this process may use, also in a container."""
    import joblib

    return int(joblib.cpu_count())
