"""Engines by name: serial, processes, dask, dask:ADDRESS or dask:FILE.json."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING

from zoo.errors import ConfigError, install_hint

if TYPE_CHECKING:
    from zoo.parallel.engine import Engine

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


def open_engine(name: str, *, jobs: int) -> AbstractContextManager[Engine]:
    """Return the context manager of an engine; `jobs` is the number of workers that it starts.

    A name is `serial`, `processes`, `dask` for a new cluster on this machine, or `dask:ADDRESS` or
    `dask:FILE.json` for a running cluster.
    """
    kind, location = parse_engine(name)
    if kind == "serial":
        from zoo.parallel.serial import SerialEngine

        return nullcontext(SerialEngine())
    if kind == "processes":
        from zoo.parallel.processes import ProcessEngine

        return closing(ProcessEngine(jobs))
    if find_spec("distributed") is None:
        raise ConfigError(
            "The engine dask needs the package distributed, which is not installed.",
            hint=install_hint("dask"),
        )
    from zoo.parallel.dask_cluster import open_dask

    return open_dask(location, jobs=jobs)
