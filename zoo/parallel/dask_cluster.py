"""Dask clusters: connects to one or starts one, and checks its workers."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import dask
from distributed import Client, LocalCluster
from distributed import TimeoutError as DaskTimeoutError
from distributed.core import rpc
from distributed.security import Security

from zoo.errors import ConfigError, ZooError
from zoo.parallel.dask_engine import DaskEngine
from zoo.parallel.signals import signals_blocked
from zoo.parallel.versions import check_versions, worker_versions
from zoo.system import processes
from zoo.system.files import read_regular

CONNECT_TIMEOUT = 15  # seconds to wait for a scheduler, and for its first worker
MAX_FILE_BYTES = 1_000_000  # of a scheduler file
RESTART_TIMEOUT = 60  # seconds to wait for new workers after all workers died
WITH_CERTIFICATES = ("tls://", "wss://")
LOG = logging.getLogger(__name__)
CONTINUE = "repeat the command: finished tasks are kept."


@contextmanager
def open_dask(location: str, *, jobs: int) -> Iterator[DaskEngine]:
    """Yield the engine of a cluster at an address or in a scheduler file; of a new one for ""."""
    try:
        with ExitStack() as stack:
            yield _open(location, jobs, stack)
    except OSError as error:
        if error.errno is not None:  # Dask's connection errors have none
            raise
        raise ZooError(
            f"The Dask scheduler{location and f' at {location}'} stopped.",
            hint=f"Start a new one and {CONTINUE}",
        ) from None


def _open(location: str, jobs: int, stack: ExitStack) -> DaskEngine:
    stack.enter_context(
        dask.config.set({"distributed.comm.timeouts.connect": CONNECT_TIMEOUT, "logging": {}})
    )
    # errors are raised; the last logger reports results that a stopped cluster did not return
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    recover: Callable[[], Client]
    if location:
        client = stack.enter_context(_connect(location))
        recover = partial(_wait_for_worker, client)
    else:
        own = stack.enter_context(_OwnCluster(jobs))
        client, recover = own.client, own.restart
    workers = _worker_count(client, location)
    _check_versions(client)
    engine = DaskEngine(client, workers=workers, recover=recover)
    stack.callback(engine.close)
    return engine


def _wait_for_worker(client: Client) -> Client:
    """Return the client of a running cluster when it has a worker."""
    if not client.nthreads():
        LOG.warning("all Dask workers stopped; waiting %d s for another one.", RESTART_TIMEOUT)
    try:
        client.wait_for_workers(1, timeout=RESTART_TIMEOUT)
    except DaskTimeoutError:
        raise ZooError(
            "All workers stopped, and no other one has started.",
            hint=f"Start workers and {CONTINUE}",
        ) from None
    return client


class _OwnCluster:
    """A cluster on this machine; `restart` replaces it after the death of a worker.

    Dask restarts a dead worker itself, but not one that dies while it starts, so that a cluster
    could end without any worker.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with signals_blocked():
            self._cluster = self._stack.enter_context(
                LocalCluster(
                    n_workers=self.jobs,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # Dask warns if 8787 is in use
                    scheduler_kwargs={"dashboard": False, "allowed_failures": 0},
                    silence_logs=logging.CRITICAL,
                )
            )
            self._stack.push(self._kill_workers_on_error)
            self.client = self._stack.enter_context(Client(self._cluster))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def restart(self) -> Client:
        """Replace the cluster with a new one, and return its client."""
        self._kill_workers()
        self._stack.close()
        self.__enter__()
        return self.client

    def _kill_workers_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:  # the results of running tasks are not needed
            self._kill_workers()

    def _kill_workers(self) -> None:
        for nanny in self._cluster.workers.values():
            nanny.close_gracefully()  # otherwise it restarts its worker
            if nanny.pid:
                processes.kill(nanny.pid)


def _connect(location: str) -> Client:
    """Return the client of a cluster at an address or in a scheduler file."""
    if location.endswith(".json") and not Path(location).is_file():  # Dask would wait for it
        raise ConfigError(
            f"{location} does not exist.",
            hint=f"Start a scheduler: `dask scheduler --scheduler-file {location}`.",
        )
    try:
        address, security = _address(location), Security()
        _check_certificate(address, security)
        asyncio.run(asyncio.wait_for(_answer(address, security), CONNECT_TIMEOUT))
        return Client(address, timeout=CONNECT_TIMEOUT)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - another program may answer with anything
        raise ZooError(
            f"There is no Dask scheduler at {location}: {_reason(error)}.",
            hint="Start one: `dask scheduler` prints its address.",
        ) from None


def _reason(error: Exception) -> str:
    """Return why there is no connection, in a line."""
    if text := str(error).rstrip("."):
        return text.splitlines()[0]
    if isinstance(error, TimeoutError | DaskTimeoutError):
        return f"no answer within {CONNECT_TIMEOUT} s"
    return type(error).__name__


def _check_certificate(address: str, security: Security) -> None:
    """Raise if an address needs a certificate and there is none: Dask's error is a TypeError."""
    has_certificate = security.get_connection_args("client").get("ssl_context") is not None
    if address.startswith(WITH_CERTIFICATES) and not has_certificate:
        raise ConfigError(
            f"{address} needs a certificate, and Dask's settings name none.",
            hint="Set distributed.comm.tls.ca-file, and client.cert and client.key there.",
        )


async def _answer(address: str, security: Security) -> None:
    """Wait for the scheduler's answer; a Client would wait for ever for that of another program."""
    async with rpc(address, connection_args=security.get_connection_args("client")) as scheduler:
        await scheduler.identity()


def _address(location: str) -> str:
    """Return the address of a scheduler, or the one in its file."""
    return scheduler_address(Path(location)) if location.endswith(".json") else location


def scheduler_address(path: Path) -> str:
    """Return the address in a scheduler file; Dask's own errors are unclear."""
    try:
        match json.loads(read_regular(path, MAX_FILE_BYTES)):
            case {"address": str(address)}:
                return address
    except RecursionError:
        raise ValueError("the file is nested too deeply") from None
    raise ValueError("the file has no address")


def _worker_count(client: Client, location: str) -> int:
    """Return the number of workers; raise if there are none, or if they have several threads."""
    if not client.nthreads():
        LOG.warning("waiting %d s for a worker of the scheduler at %s.", CONNECT_TIMEOUT, location)
    try:
        client.wait_for_workers(1, timeout=CONNECT_TIMEOUT)
    except DaskTimeoutError:
        raise ZooError(
            f"The scheduler at {location} has no workers.",
            hint=f"Start one: `dask worker {client.scheduler.address} --nthreads 1`.",
        ) from None
    threads: Mapping[str, int] = client.nthreads()
    if multithreaded := [name for name, number in threads.items() if number != 1]:
        raise ConfigError(
            f"These workers have several threads: {', '.join(multithreaded)}.",
            hint="Start workers with --nthreads 1.",
        )
    return len(threads)


def _check_versions(client: Client) -> None:
    """Raise if a worker has other versions than this process."""
    required = worker_versions()
    workers = {
        name: {
            "python": ".".join(versions["host"]["python"].split(".")[:3]),
            "numpy": versions["packages"]["numpy"],
        }
        for name, versions in client.get_versions()["workers"].items()
    }
    # a function can only run safely on workers with the same Python and NumPy
    alike = [name for name, versions in workers.items() if versions.items() <= required.items()]
    results = client.run(worker_versions, workers=alike, on_error="return") if alike else {}
    for name, versions in results.items():
        workers[name] |= versions if isinstance(versions, dict) else {"zoo": "none"}
    check_versions(workers, required)
