"""What all engines have in common, with calls that are made in this process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from zoo.errors import DataError, Stopped, ZooError, install_hint
from zoo.parallel import worker
from zoo.parallel.engine import Call, Engine, UnsentTaskError, WorkerDeath
from zoo.parallel.open_engine import open_engine
from zoo.parallel.versions import WorkerVersionError
from zoo.parallel.worker import Failure, MissingDataError

DIGEST = "d" * 64


class FakeEngine(Engine):
    """Two workers, of which the one that started last finishes first; its calls may die."""

    capacity = 2

    def __init__(self, deaths: list[int] | None = None) -> None:
        self.deaths = deaths or []  # tasks whose worker dies, once for each mention
        self.started: list[int] = []
        self.calls: list[tuple[int, Call]] = []
        self.sent: list[tuple[str, bytes]] = []

    def _start(self, index: int, call: Call) -> None:
        self.started.append(index)
        self.calls.append((index, call))

    def _finished(self) -> Iterator[tuple[int, Any]]:
        index, call = self.calls.pop()
        if index in self.deaths:
            self.deaths.remove(index)
            yield index, WorkerDeath()
        else:
            yield index, call()

    def _abandon(self) -> None:
        self.calls.clear()

    def _send_data(self, digest: str, content: bytes) -> None:
        self.sent.append((digest, content))
        worker.received_data[digest] = content


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "received_data", {})
    monkeypatch.setattr("zoo.parallel.serial.received_data", worker.received_data)


def square(number: int) -> int:
    return number**2


def needing_data(number: int) -> bytes:
    if DIGEST not in worker.received_data:
        raise MissingDataError(DIGEST)
    return worker.received_data[DIGEST][:number]


def test_engine_order() -> None:
    """Results come as they are finished, with the index of their task."""
    engine = FakeEngine()
    assert list(engine.run(square, [5, 6, 7])) == [(1, 36), (2, 49), (0, 25)]
    assert list(engine.run(square, [])) == []


def test_engine_starts_before_it_yields() -> None:
    """A worker has its next task while the caller has the result, and no more are started."""
    engine = FakeEngine()
    results = engine.run(square, range(1_000_000))
    next(results)
    assert engine.started == [0, 1, 2]


def test_engine_abandons_calls() -> None:
    """A caller that stops ends the calls that are not finished."""
    engine = FakeEngine()
    results = engine.run(square, range(9))
    next(results)
    assert len(engine.calls) == 2
    results.close()  # type: ignore[attr-defined]
    assert engine.calls == []


def test_engine_two_runs() -> None:
    """A second run is refused until the first one has ended, which has all of its results."""
    engine = FakeEngine()
    first = engine.run(square, [5, 6, 7])
    results = [next(first)]
    with pytest.raises(RuntimeError, match=r"^This engine already runs tasks\.$"):
        next(engine.run(square, [8]))
    assert [*results, *first] == [(1, 36), (2, 49), (0, 25)]
    assert list(engine.run(square, [8])) == [(0, 64)]


@pytest.mark.parametrize(("deaths", "failed"), [([1], False), ([1, 1], False), ([1] * 3, True)])
def test_engine_repeats_after_death(deaths: list[int], *, failed: bool) -> None:
    """A task whose worker died has a result, unless it dies alone too; the others always have."""
    results = dict(FakeEngine(deaths).run(square, [5, 6, 7]))
    failure = Failure("Its worker died, also when it was the only task.")
    assert results == {0: 25, 1: failure if failed else 36, 2: 49}


def test_engine_data_sent_once() -> None:
    """Tasks that lack the same data get it from one message."""
    engine = FakeEngine()
    results = dict(engine.run(needing_data, [1, 2, 3], supply=lambda _: b"abc"))
    assert results == {0: b"a", 1: b"ab", 2: b"abc"}
    assert engine.sent == [(DIGEST, b"abc")]


@pytest.mark.parametrize("supply", [None, lambda _: b"abc"], ids=["no supply", "sent in vain"])
def test_engine_data_not_received(supply: Callable[[str], bytes] | None) -> None:
    """A task whose worker never gets the data fails, after two messages at most."""

    class EngineWithoutData(FakeEngine):
        def _send_data(self, digest: str, content: bytes) -> None:
            self.sent.append((digest, content))

    engine = EngineWithoutData()
    failure = Failure("The data dddddddddddd could not be sent to its worker.")
    assert dict(engine.run(needing_data, [1], supply=supply)) == {0: failure}
    assert len(engine.sent) == (2 if supply else 0)


def test_engine_worker_of_other_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker with other versions ends the run with their difference."""
    monkeypatch.setattr("zoo.parallel.engine.worker_versions", lambda: {"zoo": "9.9"})
    monkeypatch.setattr("zoo.parallel.worker.worker_versions", lambda: {"zoo": "9.8"})
    with pytest.raises(WorkerVersionError) as error:
        list(FakeEngine().run(square, [1]))
    assert str(error.value).endswith(":\n  a worker has zoo 9.8 (expected 9.9)")
    assert error.value.hint == "Install the same versions on all workers."


def fail(error: BaseException) -> None:
    raise error


def test_engine_serial_failures() -> None:
    """A task that fails has a Failure with its reason, and the others have results."""
    errors = [
        ValueError("odd"),
        DataError("There is nothing here.", hint="Look elsewhere."),
        SystemExit(3),
    ]
    with open_engine("serial", jobs=4) as engine:
        results = dict(engine.run(fail, errors))
    assert engine.capacity == 1
    assert isinstance(results[0], Failure)
    assert results[0].reason.startswith("ValueError: odd (in fail, line ")
    assert results[1] == Failure("There is nothing here.", "Look elsewhere.")
    assert isinstance(results[2], Failure)
    assert results[2].reason.startswith("SystemExit: 3 (in fail, line ")


def test_engine_serial_stopped() -> None:
    """SIGTERM, which the command line turns into an exception, ends the run."""
    with open_engine("serial", jobs=1) as engine, pytest.raises(Stopped):
        list(engine.run(fail, [Stopped()]))


def test_engine_serial_lazy() -> None:
    """The serial engine makes a call when its result is needed; an interrupt ends the run."""
    made = []

    def interrupted(number: int) -> None:
        made.append(number)
        if number == 1:
            raise KeyboardInterrupt

    with open_engine("serial", jobs=1) as engine:
        results = engine.run(interrupted, [0, 1, 2])
        assert next(results) == (0, None)
        assert made == [0]
        with pytest.raises(KeyboardInterrupt):
            next(results)
        assert made == [0, 1]
        assert list(engine.run(square, [3])) == [(0, 9)]


def test_engine_without_distributed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.parallel.open_engine.find_spec", lambda _: None)
    with pytest.raises(ZooError) as error, open_engine("dask", jobs=1):
        pass
    assert error.value.hint == install_hint("dask")


def test_engine_unsent_task() -> None:
    """A task that cannot be pickled is a failure, and the others have results."""

    class Strict(FakeEngine):
        def _start(self, index: int, call: Call) -> None:
            if index in {0, 1, 3}:
                raise UnsentTaskError(TypeError("cannot pickle it"))
            super()._start(index, call)

    results = dict(Strict().run(square, [1, 2, 3, 4]))
    failure = Failure("The task cannot be pickled: TypeError: cannot pickle it.")
    assert results == {0: failure, 1: failure, 2: 9, 3: failure}
