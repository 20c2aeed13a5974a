"""The engine of a Dask cluster: found or started, its workers vetted, data sent where it lacks."""

import json
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster, Status, WorkerPlugin
from distributed import TimeoutError as TooLate
from joblib._dask import DaskDistributedBackend
from tornado.ioloop import PeriodicCallback

from zoo.errors import ConfigError, ZooError
from zoo.parallel import worker as work
from zoo.parallel.engine import Engine, WorkerVersionError
from zoo.parallel.signals import signals_blocked

PATIENCE = 15  # seconds to wait for a scheduler, and for its first worker
RESTART = 60  # seconds for workers that have died to come again, if none is left
WATCH = 500  # milliseconds from one look at our own workers to the next


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
        client = stack.enter_context(_client(place, jobs, stack))
        workers = _workers(client, place)
        _check_versions(client)

        def send(digest: str, content: bytes) -> None:
            client.register_plugin(DataPlugin(digest, content))

        engine = Engine(
            jobs=workers,
            backend=lambda: _Backend(client=client, wait_for_workers_timeout=RESTART),
            options={},
            worker_death_errors=(KilledWorker, CancelledError, TimeoutError),
            send_data=send,
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


def _client(place: str, jobs: int, stack: ExitStack) -> Client:
    if not place:
        with signals_blocked():
            own = stack.enter_context(
                LocalCluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # 8787 may be somebody's, and Dask would warn
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=logging.CRITICAL,
                )
            )
            _replace_workers(own, jobs, stack)
            stack.push(_KillWorkersOnError(own))
            return Client(own)
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


def _replace_workers(own: LocalCluster, jobs: int, stack: ExitStack) -> None:
    """Start a new worker for each that died while it started: Dask gives such a one up."""

    def replace() -> None:
        ended = (Status.closed, Status.failed)
        lost = [name for name, nanny in own.workers.items() if nanny.status in ended]
        for name in lost:
            del own.workers[name]
        if lost:
            own.scale(jobs)

    watch = PeriodicCallback(replace, WATCH)
    own.loop.add_callback(watch.start)
    stack.callback(own.loop.add_callback, watch.stop)


def _address(place: str) -> str:
    """Return the address, if only from a scheduler's file: Dask's errors about one are its own."""
    if not place.endswith(".json"):
        return place
    match json.loads(Path(place).read_bytes()):
        case {"address": str(address)}:
            return address
    raise ValueError("the file names no address")


class _KillWorkersOnError:
    """What is done with the workers of a cluster of our own when the work is stopped."""

    def __init__(self, own: LocalCluster) -> None:
        self.own = own

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for no task that nobody waits for."""
        if kind:
            for nanny in self.own.workers.values():
                nanny.close_gracefully()  # which does not start it again
                with suppress(ProcessLookupError):
                    if nanny.pid:
                        os.kill(nanny.pid, signal.SIGKILL)


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
