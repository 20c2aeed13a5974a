"""The engine of processes on this machine, each of which makes one call at a time.

The death of a worker is the death of one call, and the other workers go on; an executor of
concurrent.futures would fail all of its calls.
"""

import atexit
from collections.abc import Iterator, Mapping
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any

from zoo.errors import ZooError, describe
from zoo.parallel.engine import Call, Engine, UnsentTaskError, WorkerDeath
from zoo.parallel.process_identity import identity
from zoo.parallel.signals import signals_blocked
from zoo.parallel.worker import Failure, call_with_data
from zoo.parallel.worker_process import make_calls
from zoo.system.processes import allowed_children

# a forked process would have the locks of threads that it does not have
_context = get_context("spawn")

SECONDS_TO_END = 10  # of a process that has closed its connection


class WorkerStartError(ZooError):
    """Raised when a worker ends before its first call, as all others would."""

    def __init__(self) -> None:
        super().__init__(
            "A worker process could not start; its own error is printed above.",
            hint='In a script file, put the code under `if __name__ == "__main__":`.',
        )


class ProcessEngine(Engine):
    """Up to `jobs` processes, started when they are needed."""

    def __init__(self, jobs: int) -> None:
        self.capacity = allowed_children(jobs)
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, int] = {}  # with the index of its task
        self._data: dict[str, bytes] = {}

    def _start(self, index: int, call: Call) -> None:
        worker = self._idle.pop() if self._idle else _Worker()
        try:
            worker.send(call, self._data)
        except ConnectionError:
            pass  # the worker died; `_finished` finds out
        except Exception as error:  # noqa: BLE001 - from a class of the task; nothing was sent
            self._idle.append(worker)
            raise UnsentTaskError(error) from None
        self._busy[worker] = index

    def _finished(self) -> Iterator[tuple[int, Any]]:
        ready = wait([worker.connection for worker in self._busy])
        for worker in [worker for worker in self._busy if worker.connection in ready]:
            try:
                outcome = worker.connection.recv()
            except (EOFError, OSError):
                if not worker.has_started and not worker.was_killed:
                    raise WorkerStartError from None
                worker.kill()
                yield self._busy.pop(worker), WorkerDeath()
                continue
            except Exception as error:  # noqa: BLE001 - from a class of the task
                outcome = Failure(f"Its result cannot be unpickled: {describe(error)}.")
            if worker.has_started:
                index = self._busy.pop(worker)
                self._idle.append(worker)
                yield index, outcome
            worker.has_started = True

    def _send_data(self, digest: str, content: bytes) -> None:
        self._data[digest] = content

    def _abandon(self) -> None:
        for worker in self._busy:
            worker.kill()
        self._busy.clear()

    def close(self) -> None:
        """Kill all workers."""
        self._abandon()
        for worker in self._idle:
            worker.kill()
        self._idle.clear()


class _Worker:
    """A process and the connection to it; its first message is that it has started.

    It is not a daemon, because the processes of multiprocessing that are cannot start others.
    """

    def __init__(self) -> None:
        self.has_started = False
        self._received: set[str] = set()  # the digests of its data
        self.connection, child_end = _context.Pipe()
        _, parent, start = identity()
        self._process = _context.Process(target=make_calls, args=(child_end, parent, start))
        with signals_blocked():
            self._process.start()
            atexit.register(self.kill)  # multiprocessing would wait for its end
        child_end.close()

    def send(self, call: Call, data: Mapping[str, bytes]) -> None:
        """Send a call, with the data that this worker has not received."""
        missing = {digest: data[digest] for digest in data.keys() - self._received}
        self.connection.send(partial(call_with_data, call, missing))
        self._received |= missing.keys()

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended the process, which is about to end; Windows has no such signal."""
        self._process.join(SECONDS_TO_END)
        return (self._process.exitcode or 0) < 0

    def kill(self) -> None:
        """Kill the process and wait for its end."""
        atexit.unregister(self.kill)
        self._process.kill()
        self._process.join()
        self.connection.close()
