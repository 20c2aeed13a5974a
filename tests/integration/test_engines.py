"""Engines: every task is performed once, whatever becomes of the workers."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.helpers.command import environment
from tests.helpers.optional import optional
from tests.helpers.paths import ROOT
from tests.helpers.tasks import DIGEST, Load, square
from tests.helpers.waiting_tasks import BEFORE, KILLED, wait_for_kill
from zoo.errors import ConfigError, ZooError
from zoo.parallel import dask_cluster
from zoo.parallel.engine import Engine, WorkerVersionError
from zoo.parallel.open import open_engine
from zoo.parallel.worker import Failure

Found = dict[int, tuple[int, int] | Failure]

# dask says so when a scheduler ends with others still connected to it
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _dask() -> None:
    optional("distributed")


@pytest.fixture(autouse=True)
def _workers_import_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT))


def performed(engine: Engine, tasks: list[Load], content: bytes | None = None) -> Found:
    supply = None if content is None else lambda _: content
    found: Found = {}
    for index, result in engine.run(square, tasks, supply=supply):
        assert index not in found
        found[index] = result
    return found


def squares(found: Found) -> dict[int, int]:
    return {index: one[0] for index, one in found.items() if not isinstance(one, Failure)}


def places(found: Found) -> set[int]:
    return {one[1] for one in found.values() if not isinstance(one, Failure)}


@contextmanager
def started(
    command: str, *arguments: object, **settings: object
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of Dask's commands as a process of its own, and see that it is gone at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{command}", *map(str, arguments)],
        env=environment(**({"PYTHONPATH": ROOT} | settings)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Path]:
    """Yield the file of a scheduler that has no workers."""
    file = tmp_path / "scheduler.json"
    with started(
        "scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file
    ):
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.1)
        yield file


@contextmanager
def worker(file: Path, *options: object, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker for the scheduler of that file."""
    place = ("--scheduler-file", file, "--host", "127.0.0.1", "--no-dashboard")
    folder = ("--local-directory", file.parent / "workers")
    with started("worker", *place, *folder, *options, **settings) as process:
        yield process


ALONE = ("--nthreads", 1, "--no-nanny")


def wait_for(file: Path, count: int) -> None:
    """Return when so many workers have arrived."""
    from distributed import Client

    with Client(scheduler_file=str(file)) as client:
        client.wait_for_workers(count, timeout=60)


@pytest.mark.parametrize("word", ["serial", "processes", "dask"])
def test_engine_results(word: str) -> None:
    """Every result arrives, and only serial works in this process."""
    with open_engine(word, jobs=2) as engine:
        found = performed(engine, [Load(number) for number in range(20)])
        again = performed(engine, [Load(5)])
    assert squares(found) == {number: number**2 for number in range(20)}
    assert squares(again) == {0: 25}
    assert (os.getpid() in places(found) | places(again)) == (word == "serial")


def test_dask_one_worker() -> None:
    """One worker of Dask is still another process."""
    with open_engine("dask", jobs=1) as engine:
        found = performed(engine, [Load(number) for number in range(5)])
    assert squares(found) == {number: number**2 for number in range(5)}
    assert len(places(found)) == 1
    assert os.getpid() not in places(found)


def test_dask_stops_silently(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is printed of the callbacks that Dask had left when it was stopped."""
    from distributed import default_client

    tried = threading.Event()

    def fail() -> None:
        tried.set()
        raise OSError("Stream is closed")

    with open_engine("dask", jobs=1) as engine:
        default_client().loop.add_callback(fail)
        found = performed(engine, [Load(3)])
        assert tried.wait(dask_cluster.PATIENCE)
    assert squares(found) == {0: 9}
    assert not caplog.records


def test_engine_failed_tasks() -> None:
    """A task that fails is told, and the rest arrives."""
    tasks = [Load(2), Load(7, "mistaken"), Load(3, "refused"), Load(4)]
    for word in ("serial", "processes"):
        with open_engine(word, jobs=2) as engine:
            found = performed(engine, tasks)
        assert squares(found) == {0: 4, 3: 16}
        mistake = found[1]
        assert isinstance(mistake, Failure)
        assert mistake.reason.startswith("ValueError: 7 (in square, line ")
        assert found[2] == Failure("There is nothing here.", "Look elsewhere.")


def test_engine_worker_dies_once(tmp_path: Path) -> None:
    """A worker that dies once costs nothing."""
    tasks = [Load(number, "dies once" if number == 3 else "square", str(tmp_path)) for number in range(8)]  # fmt: skip # noqa: E501
    with open_engine("processes", jobs=2) as engine:
        found = performed(engine, tasks)
    assert (tmp_path / "died").exists()
    assert squares(found) == {number: number**2 for number in range(8)}


@pytest.mark.parametrize("word", ["processes", "dask"])
def test_engine_task_kills_every_worker(word: str) -> None:
    """A task that kills every worker fails, and the others arrive."""
    tasks = [Load(number, "dies" if number == 2 else "square") for number in range(8)]
    with open_engine(word, jobs=2) as engine:
        found = performed(engine, tasks)
    assert squares(found) == {number: number**2 for number in range(8) if number != 2}
    assert found[2] == Failure("Its worker died, and again when it was alone.")


def test_dask_cluster_replaced() -> None:
    """The death of a worker replaces our own cluster: Dask gives up a worker that dies early."""
    from distributed import default_client

    with open_engine("dask", jobs=2) as engine:
        tasks = [Load(number, "dies" if number == 2 else "square") for number in range(4)]
        own = default_client().cluster
        found = performed(engine, tasks)
        assert default_client().cluster is not own
    assert squares(found) == {0: 0, 1: 1, 3: 9}


def test_dask_data_supplied() -> None:
    """Data that workers lack is sent once, or else told."""
    tasks = [Load(number, "lacking") for number in range(6)]
    asked = []

    def supply(digest: str) -> bytes:
        asked.append(digest)
        return b"seven!!"

    with open_engine("dask", jobs=2) as engine:
        missing = performed(engine, tasks[:1])
        found = dict(engine.run(square, tasks, supply=supply))
        later = performed(engine, tasks)
    assert missing[0] == Failure("The data dddddddddddd is not at its worker.")
    assert asked == [DIGEST]
    assert squares(found) == squares(later) == dict.fromkeys(range(6), 7)


def test_dask_cluster_loses_worker(scheduler: Path, tmp_path: Path) -> None:
    """A cluster that loses a worker in the middle does all the work."""
    tasks = [Load(number, folder=str(tmp_path)) for number in range(30)]
    with worker(scheduler, *ALONE) as one, worker(scheduler, *ALONE) as other:
        wait_for(scheduler, 2)
        found: Found = {}
        with open_engine(f"dask:{scheduler}", jobs=1) as engine:
            assert engine.jobs == 2
            for index, result in engine.run(wait_for_kill, tasks):
                assert index not in found
                found[index] = result
                if one.poll() is None and places(found) == {one.pid, other.pid}:
                    one.kill()
                    one.wait()
                    (tmp_path / KILLED).touch()
        assert other.poll() is None
    assert squares(found) == {number: number**2 for number in range(30)}
    assert places(found) == {one.pid, other.pid}
    assert {found[number][1] for number in range(BEFORE, 30)} == {other.pid}  # type: ignore[index]


@pytest.mark.parametrize(
    "word", ["parallel", "serial:1", "processes:2", "dask:", "", "DASK", "dasktcp://127.0.0.1:1"]
)
def test_engine_unknown(word: str) -> None:
    with pytest.raises(ConfigError, match="There is no engine") as told, open_engine(word, jobs=1):
        pass
    assert "serial, processes, dask" in told.value.hint


def test_dask_scheduler_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "PATIENCE", 2)
    empty, other = tmp_path / "empty.json", tmp_path / "other.json"
    empty.touch()
    other.write_text('{"address": 7}')
    for place in ("tcp://127.0.0.1:9", "no address", str(empty), str(other)):
        refused = pytest.raises(ZooError, match="There is no Dask scheduler at")
        with refused as told, open_engine(f"dask:{place}", jobs=1):
            pass
        assert place in str(told.value)
        assert "dask scheduler" in told.value.hint


def test_dask_scheduler_file_missing() -> None:
    """A file of a scheduler that is not there is not waited for."""
    refused = pytest.raises(ConfigError, match=r"nowhere\.json is not there")
    with refused as told, open_engine("dask:nowhere.json", jobs=1):
        pass
    assert "--scheduler-file nowhere.json" in told.value.hint


def test_dask_scheduler_without_workers(scheduler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "PATIENCE", 2)
    refused = pytest.raises(ZooError, match="has no workers")
    with refused as told, open_engine(f"dask:{scheduler}", jobs=1):
        pass
    assert "dask worker tcp://127.0.0.1:" in told.value.hint


def test_dask_workers_with_threads(scheduler: Path) -> None:
    """Workers with several threads are refused by name."""
    with ExitStack() as stack:
        stack.enter_context(worker(scheduler, *ALONE))
        stack.enter_context(worker(scheduler, "--nthreads", 2, "--no-nanny"))
        wait_for(scheduler, 2)
        refused = pytest.raises(ConfigError, match="several threads: tcp://127")
        with refused as told, open_engine(f"dask:{scheduler}", jobs=1):
            pass
    assert str(told.value).count("tcp://") == 1


@pytest.mark.parametrize(
    ("shim", "said"),
    [
        ("import numpy; numpy.__version__ = '1.0'", "numpy 1.0 (here "),
        ("import zoo; zoo.__version__ = '0.0.7'", "zoo 0.0.7 (here "),
    ],
)
def test_dask_worker_of_other_version(
    scheduler: Path, tmp_path: Path, shim: str, said: str
) -> None:
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim/sitecustomize.py").write_text(shim)
    paths = f"{tmp_path / 'shim'}:{ROOT}"
    with ExitStack() as stack:
        stack.enter_context(worker(scheduler, *ALONE, "--name", "same"))
        stack.enter_context(worker(scheduler, *ALONE, "--name", "odd", PYTHONPATH=paths))
        wait_for(scheduler, 2)
        with pytest.raises(WorkerVersionError) as told, open_engine(f"dask:{scheduler}", jobs=1):
            pass
    first, *lines = str(told.value).splitlines()
    assert first == "Not every worker has what is installed here:"
    assert len(lines) == 1
    assert lines[0].startswith("  tcp://127.0.0.1:")
    assert said in lines[0]


def test_engine_workers_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are gone are not blamed on a task."""

    def nobody(*_: object) -> None:
        raise TimeoutError("nobody is there. And more is said than that.")

    engine = Engine(2, lambda: None, {}, worker_death_errors=(TimeoutError,))
    monkeypatch.setattr(Engine, "_perform", nobody)
    with pytest.raises(ZooError, match=r"^The workers are gone: nobody is there\.$"):
        list(engine.run(str, [1, 2]))
