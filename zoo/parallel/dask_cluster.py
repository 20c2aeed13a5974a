"""The engine of a Dask cluster: found or started, its workers vetted, data sent where it lacks."""

import json
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import dask
from distributed import Client, KilledWorker, LocalCluster, WorkerPlugin
from distributed import TimeoutError as TooLate
from joblib._dask import DaskDistributedBackend

from zoo.errors import ConfigError, ZooError
from zoo.parallel import worker as work
from zoo.parallel.engine import Engine, WorkerVersionError, do_nothing
from zoo.parallel.signals import signals_blocked

PATIENCE = 15  # seconds to wait for a scheduler, and for its first worker
RESTART = 60  # seconds for workers that have died to come again, if none is left


@contextmanager
def cluster(place: str, *, jobs: int) -> Iterator[Engine]:
    """Give the engine of the cluster at an address or in a scheduler's file; without, a new one."""
    with ExitStack() as stack:
        stack.enter_context(
            dask.config.set({"distributed.comm.timeouts.connect": PATIENCE, "logging": {}})
        )
        # what matters is raised; the last tells of answers that a stopped cluster still owed
        for name in ("distributed", "distributed.client", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        own = None if place else stack.enter_context(_OwnCluster(jobs))
        client = own.client if own else stack.enter_context(_client_of(place))
        workers = _workers(client, place)
        _check_versions(client)

        def current() -> Client:
            return own.client if own else client

        engine = Engine(
            jobs=workers,
            backend=lambda: _Backend(client=current(), wait_for_workers_timeout=RESTART),
            options={},
            worker_death_errors=(KilledWorker, CancelledError, TimeoutError),
            send_data=lambda digest, content: current().register_plugin(
                DataPlugin(digest, content)
            ),
            recover=own.restart if own else do_nothing,
        )
        try:
            yield engine
        except OSError as error:
            if error.errno is not None:  # those of Dask's connections have no number
                raise
            raise ZooError(
                f"The Dask scheduler{place and f' at {place}'} is gone.",
                hint="What is done is kept, and the same command goes on with a new one.",
            ) from None


class _OwnCluster:
    """A cluster on this machine, which `restart` replaces after the death of a worker.

    Dask itself starts a dead worker again, but gives up one that dies while it starts: a cluster
    that is kept could end without any worker.
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
                    dashboard_address="127.0.0.1:0",  # 8787 may be in use, and Dask would warn
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

    def restart(self) -> None:
        """Replace the cluster by a new one."""
        self._kill_workers()
        self._stack.close()
        self.__enter__()

    def _kill_workers_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:  # nobody waits for the tasks that they have begun
            self._kill_workers()

    def _kill_workers(self) -> None:
        for nanny in self._cluster.workers.values():
            nanny.close_gracefully()  # which does not start its worker again
            with suppress(ProcessLookupError):
                if nanny.pid:
                    os.kill(nanny.pid, signal.SIGKILL)


def _client_of(place: str) -> Client:
    """Return the client of a cluster at an address or in a scheduler's file."""
    if place.endswith(".json") and not Path(place).is_file():  # Dask would wait for it
        raise ConfigError(
            f"{place} is not there.",
            hint=f"`dask scheduler --scheduler-file {place}` writes it.",
        )
    try:
        return Client(_address(place), timeout=PATIENCE)
    except (OSError, ValueError, TooLate) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ZooError(
            f"There is no Dask scheduler at {place}: {reason}.",
            hint="`dask scheduler` starts one and says its address.",
        ) from None


def _address(place: str) -> str:
    """Return the address, if only from a scheduler's file: Dask's errors about one are its own."""
    if not place.endswith(".json"):
        return place
    match json.loads(Path(place).read_bytes()):
        case {"address": str(address)}:
            return address
    raise ValueError("the file names no address")


def _workers(client: Client, place: str) -> int:
    """Return how many workers there are."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TooLate:
        raise ZooError(
            f"The scheduler at {place} has no workers.",
            hint=f"`dask worker {client.scheduler.address} --nthreads 1` starts one.",
        ) from None
    threads: Mapping[str, int] = client.nthreads()
    if several := [name for name, number in threads.items() if number != 1]:
        raise ConfigError(
            f"These workers have several threads: {', '.join(several)}.",
            hint="Start workers with --nthreads 1: a training has one thread to itself.",
        )
    return len(threads)


def _check_versions(client: Client) -> None:
    """Raise, with the list, if other versions are installed on any worker than here."""
    here = work.worker_environment()
    found = {
        name: {
            "python": ".".join(told["host"]["python"].split(".")[:3]),
            "numpy": told["packages"]["numpy"],
        }
        for name, told in client.get_versions()["workers"].items()
    }
    # only now is it safe to run anything there
    alike = [name for name, there in found.items() if there.items() <= here.items()]
    asked = client.run(work.worker_environment, workers=alike, on_error="return") if alike else {}
    for name, there in asked.items():
        found[name] |= there if isinstance(there, dict) else {"zoo": "none"}
    if strangers := [name for name, there in found.items() if there != here]:
        raise WorkerVersionError(*(found[name] for name in strangers), names=strangers)


class DataPlugin(WorkerPlugin):  # type: ignore[misc]
    """Bytes that every worker gets once, those that come later among them."""

    def __init__(self, digest: str, content: bytes) -> None:
        self.name = f"zoo-{digest}"
        self.digest, self.content = digest, content

    def setup(self, worker: object) -> None:  # noqa: ARG002 - as Dask calls it
        """Keep the bytes in the worker's process."""
        work.received_data[self.digest] = self.content


class _Backend(DaskDistributedBackend):  # type: ignore[misc]
    """joblib's own, mended in two places.

    It never hears of a task that Dask has given up, and would wait for it; and where it counts one
    worker, joblib would do the work itself.
    """

    def effective_n_jobs(self, n_jobs: int) -> int:
        return max(2, int(super().effective_n_jobs(n_jobs)))

    def submit(
        self, func: Callable[[], Any], callback: Callable[[Any], None] | None = None
    ) -> "Future[Any]":
        future: Future[Any] = super().submit(func, callback)

        def tell(done: "Future[Any]") -> None:
            if callback and not done.cancelled() and done.exception():
                callback(done)

        future.add_done_callback(tell)
        return future

    def retrieve_result_callback(self, out: object) -> object:
        error = out.exception() if isinstance(out, Future) else None
        if error:
            raise error
        return super().retrieve_result_callback(out)
