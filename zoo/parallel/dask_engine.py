"""The Dask engine, on Dask's public interface: Client.submit and as_completed."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Future, KilledWorker, WorkerPlugin, as_completed

from zoo.errors import describe
from zoo.parallel.engine import Call, Engine, UnsentTaskError, WorkerDeath
from zoo.parallel.versions import WorkerVersionError
from zoo.parallel.worker import Failure, MissingDataError, received_data

WORKERS_CHECK_EVERY = 5  # seconds without an outcome


class DaskEngine(Engine):
    """The workers of a cluster; `recover` returns its client after a worker died.

    Another client is that of a new cluster, which does not know the calls of the old one.
    """

    def __init__(self, client: Client, *, workers: int, recover: Callable[[], Client]) -> None:
        self.capacity = 2 * workers  # each worker has its next call when one is finished
        self._recover = recover
        self._connect(client)

    def _connect(self, client: Client) -> None:
        self._client = client
        self._calls: dict[Future, tuple[int, Call]] = {}
        self._futures = as_completed(loop=client.loop, with_results=True, raise_errors=False)

    def _start(self, index: int, call: Call) -> None:
        try:
            future = self._client.submit(call, pure=False)  # a repeated call is another one
        except OSError:
            raise  # the scheduler stopped
        except Exception as error:  # noqa: BLE001 - from a class of the task
            raise UnsentTaskError(error.__cause__ or error) from None
        self._calls[future] = index, call
        self._futures.add(future)

    def _finished(self) -> list[tuple[int, Any]]:
        self._wait()
        outcomes = []
        for future, result in self._futures.next_batch():
            index, _ = self._calls.pop(future)
            outcomes.append((index, _outcome(future, result)))
        if any(isinstance(outcome, WorkerDeath) for _, outcome in outcomes):
            self._replace_client()
        return outcomes

    def _wait(self) -> None:
        """Wait for the outcome of a call; recover if no worker is left that could return one."""
        while not self._has_outcome():
            if not self._client.nthreads():
                self._replace_client()

    def _has_outcome(self) -> bool:
        changed = self._futures.thread_condition
        with changed:
            return bool(changed.wait_for(self._futures.has_ready, timeout=WORKERS_CHECK_EVERY))

    def _replace_client(self) -> None:
        client = self._recover()
        if client is not self._client:
            calls = list(self._calls.values())
            self._connect(client)
            for index, call in calls:
                self._start(index, call)

    def _abandon(self) -> None:
        for future in self._calls:
            future.release()
        self._connect(self._client)

    def _send_data(self, digest: str, content: bytes) -> None:
        self._client.register_plugin(DataPlugin(digest, content))


def _outcome(future: Future, result: Any) -> Any:
    """Return what a call returned, a WorkerDeath, or a Failure if a call could not be unpickled."""
    error = None if future.status == "finished" else _error(result)
    if error is None:
        return result
    if isinstance(error, KilledWorker | CancelledError):
        return WorkerDeath()
    if isinstance(error, OSError):
        raise error  # the scheduler stopped
    cause = error.__cause__ or error
    return Failure(f"The task or its result cannot be unpickled: {describe(cause)}.")


def _error(result: Any) -> BaseException | None:
    """Return the error that Dask gives for a result; None for a result that came before its loss.

    A future is cancelled also when its worker dies after the result has arrived.
    """
    match result:
        case MissingDataError() | WorkerVersionError():  # run_task returns them
            return None
        case BaseException() as error:
            return error
        case (type(), BaseException() as error, _):  # as of sys.exc_info
            return error
    return None


class DataPlugin(WorkerPlugin):  # type: ignore[misc]
    """Data that every worker receives once, also workers that start later."""

    def __init__(self, digest: str, content: bytes) -> None:
        self.name = f"zoo-{digest}"
        self.digest, self.content = digest, content

    def setup(self, worker: object) -> None:  # noqa: ARG002 - Dask's signature
        """Store the data in the worker's process."""
        received_data[self.digest] = self.content
