"""The serial engine: one task after the other, in this process."""

from collections.abc import Iterator
from typing import Any

from zoo.parallel.engine import Call, Engine
from zoo.parallel.worker import received_data


class SerialEngine(Engine):
    """No workers: a call is made when its outcome is needed."""

    def __init__(self) -> None:
        self._calls: list[tuple[int, Call]] = []

    def _start(self, index: int, call: Call) -> None:
        self._calls.append((index, call))

    def _finished(self) -> Iterator[tuple[int, Any]]:
        index, call = self._calls.pop()
        yield index, call()

    def _send_data(self, digest: str, content: bytes) -> None:
        received_data[digest] = content

    def _abandon(self) -> None:
        self._calls.clear()
