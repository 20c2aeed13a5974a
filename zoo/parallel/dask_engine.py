"""The Dask engine, on Dask's public interface: Client.submit and as_completed."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Future, KilledWorker, WorkerPlugin, as_completed

from zoo.parallel.engine import Call, Engine, WorkerDeath
from zoo.parallel.worker import received_data


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
        future = self._client.submit(call, pure=False)  # a repeated call is another one
        self._calls[future] = index, call
        self._futures.add(future)

    def _finished(self) -> list[tuple[int, Any]]:
        outcomes = []
        for future, result in self._futures.next_batch():
            index, _ = self._calls.pop(future)
            outcomes.append((index, _outcome(future, result)))
        if any(isinstance(outcome, WorkerDeath) for _, outcome in outcomes):
            client = self._recover()
            if client is not self._client:
                calls = list(self._calls.values())
                self._connect(client)
                for index, call in calls:
                    self._start(index, call)
        return outcomes

    def _abandon(self) -> None:
        for future in self._calls:
            future.release()
        self._connect(self._client)

    def _send_data(self, digest: str, content: bytes) -> None:
        self._client.register_plugin(DataPlugin(digest, content))


def _outcome(future: Future, result: Any) -> Any:
    """Return what a call returned, or a WorkerDeath; raise other errors."""
    if future.status == "finished":
        return result
    error = result if isinstance(result, BaseException) else result[1]
    if isinstance(error, KilledWorker | CancelledError):
        return WorkerDeath()
    raise error


class DataPlugin(WorkerPlugin):  # type: ignore[misc]
    """Data that every worker receives once, also workers that start later."""

    def __init__(self, digest: str, content: bytes) -> None:
        self.name = f"zoo-{digest}"
        self.digest, self.content = digest, content

    def setup(self, worker: object) -> None:  # noqa: ARG002 - Dask's signature
        """Store the data in the worker's process."""
        received_data[self.digest] = self.content
