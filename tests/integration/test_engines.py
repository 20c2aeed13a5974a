"""Engines: every task has one result, even if workers die."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from multiprocessing import active_children, resource_tracker
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.helpers.command import environment
from tests.helpers.optional import optional
from tests.helpers.paths import ROOT
from tests.helpers.tasks import (
    DIGEST,
    FailsToUnpickle,
    Load,
    fail_after_return,
    square,
    thread_limit,
    use_processes,
)
from tests.helpers.unix import unix_only
from tests.helpers.waiting_tasks import (
    BEFORE,
    KILLED,
    die_beside_another,
    fork_and_die,
    wait_for_kill,
    wait_unless_zero,
)
from zoo.errors import ConfigError, ZooError
from zoo.parallel import dask_cluster, dask_engine
from zoo.parallel.engine import Engine, WorkerDeath
from zoo.parallel.open_engine import open_engine
from zoo.parallel.processes import _Worker
from zoo.parallel.signals import signals_blocked
from zoo.parallel.versions import WorkerVersionError
from zoo.parallel.worker import Failure, MissingDataError

Results = dict[int, tuple[int, int] | Failure]

# dask raises this when a scheduler ends while others are connected to it
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _dask() -> None:
    optional("distributed")


@pytest.fixture(autouse=True)
def _workers_import_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT))


def run_tasks(engine: Engine, tasks: list[Load], content: bytes | None = None) -> Results:
    supply = None if content is None else lambda _: content
    results: Results = {}
    for index, result in engine.run(square, tasks, supply=supply):
        assert index not in results
        results[index] = result
    return results


def squares(results: Results) -> dict[int, int]:
    return {
        index: result[0] for index, result in results.items() if not isinstance(result, Failure)
    }


def process_ids(results: Results) -> set[int]:
    return {result[1] for result in results.values() if not isinstance(result, Failure)}


@contextmanager
def started(
    command: str, *arguments: object, **settings: object
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Dask command in a process that is killed at the end of the block."""
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


@contextmanager
def scheduler_process(folder: Path, **settings: object) -> Iterator[Path]:
    """Yield the file of a scheduler without workers."""
    file = folder / "scheduler.json"
    address = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard")
    with started("scheduler", *address, "--scheduler-file", file, **settings):
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield file


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Path]:
    with scheduler_process(tmp_path) as file:
        yield file


@contextmanager
def worker(file: Path, *options: object, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker of the scheduler in this file."""
    address = ("--scheduler-file", file, "--host", "127.0.0.1", "--no-dashboard")
    folder = ("--local-directory", file.parent / "workers")
    with started("worker", *address, *folder, *options, **settings) as process:
        yield process


SINGLE = ("--nthreads", 1, "--no-nanny")


def wait_for(file: Path, count: int) -> None:
    """Wait until this many workers are connected."""
    from distributed import Client

    with Client(scheduler_file=str(file)) as client:
        client.wait_for_workers(count, timeout=60)


@pytest.mark.parametrize("name", ["serial", "processes", "dask"])
def test_engine_results(name: str) -> None:
    """Every task has a result, and only serial runs in this process."""
    with open_engine(name, jobs=2) as engine:
        results = run_tasks(engine, [Load(number) for number in range(20)])
        again = run_tasks(engine, [Load(5)])
    assert squares(results) == {number: number**2 for number in range(20)}
    assert squares(again) == {0: 25}
    assert (os.getpid() in process_ids(results) | process_ids(again)) == (name == "serial")


def test_processes_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker limits its threads before NumPy starts them, unless the user has set a limit."""
    limits = []
    for limit in (None, "2"):
        if limit:
            monkeypatch.setenv("OMP_NUM_THREADS", limit)
        else:
            monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        with open_engine("processes", jobs=1) as engine:
            limits += [limit for _, limit in engine.run(thread_limit, [None])]
    assert limits == ["1", "2"]
    light = "import sys, zoo.parallel.worker_process; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", light], text=True) == "False\n"


def test_processes_of_a_task() -> None:
    """A task may start processes of its own."""
    with open_engine("processes", jobs=1) as engine:
        assert list(engine.run(use_processes, [[-1, 2]])) == [(0, [1, 2])]


def test_processes_death_beside_own_process(tmp_path: Path) -> None:
    """The death of a worker is noticed while a process that its task forked goes on."""
    with open_engine("processes", jobs=1) as engine:
        [(_, result)] = engine.run(fork_and_die, [tmp_path])
    assert result == Failure("Its worker died, also when it was the only task.")
    assert not (tmp_path / "waited in vain").exists()
    (tmp_path / "run ended").touch()


def kill_tracker() -> None:
    """Kill the process with which multiprocessing tracks semaphores."""
    resource_tracker.ensure_running()
    process = vars(vars(resource_tracker)["_resource_tracker"])["_pid"]
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


@unix_only
def test_processes_tracker_killed() -> None:
    """A killed process of multiprocessing itself, of which zoo has no use, gives no warning."""
    kill_tracker()
    with open_engine("processes", jobs=1) as engine:
        assert squares(run_tasks(engine, [Load(3)])) == {0: 9}
    with signals_blocked():  # while a worker starts
        kill_tracker()
        resource_tracker.ensure_running()


@unix_only
def test_processes_killed_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task of a worker that is killed before it has started is repeated."""
    send = _Worker.send
    killed: list[str] = []

    def kill_first(worker: _Worker, *arguments: Any) -> None:
        if not killed:
            for child in active_children():
                child.kill()
                killed.append(child.name)
        send(worker, *arguments)

    monkeypatch.setattr(_Worker, "send", kill_first)
    with open_engine("processes", jobs=1) as engine:
        assert squares(run_tasks(engine, [Load(3)])) == {0: 9}


@pytest.mark.parametrize(
    ("end", "code"), [("sys.exit(5)", 5), ("os.kill(os.getpid(), signal.SIGKILL)", -9)]
)
def test_processes_end_without_close(tmp_path: Path, end: str, code: int) -> None:
    """The end of the parent ends an idle and a busy worker of an engine that was not closed."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal, sys\n"
        "from tests.helpers.waiting_tasks import wait_unless_zero\n"
        "from zoo.parallel.processes import ProcessEngine\n"
        "if __name__ == '__main__':\n"
        "    engine = ProcessEngine(2)\n"
        "    results = engine.run(wait_unless_zero, [0, 1])\n"
        "    next(results)\n"
        f"    {end}\n"
    )
    done = subprocess.run(  # until the workers have closed their stdout too
        [sys.executable, script],
        check=False,
        env=environment(PYTHONPATH=ROOT),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (code, "")


def test_processes_end_despite_open_pipes(tmp_path: Path) -> None:
    """Workers end with a killed parent, although its forked child holds its pipes open."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal, sys, time\n"
        "from multiprocessing.resource_tracker import getfd\n"
        "from pathlib import Path\n"
        "from tests.helpers.waiting_tasks import wait_unless_zero\n"
        "from zoo.parallel.processes import ProcessEngine\n"
        "if __name__ == '__main__':\n"
        "    engine = ProcessEngine(2)\n"
        "    next(engine.run(wait_unless_zero, [0, 1]))\n"
        "    if os.fork() == 0:\n"
        "        os.closerange(0, 3)\n"
        "        os.close(getfd())\n"  # or multiprocessing's own process would not end
        "        while not Path('workers ended').exists():\n"
        "            time.sleep(0.01)\n"
        "        os._exit(0)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    try:
        done = subprocess.run(  # until the workers have closed their stdout too
            [sys.executable, script],
            check=False,
            cwd=tmp_path,
            env=environment(PYTHONPATH=ROOT),
            capture_output=True,
            timeout=60,
        )
    finally:
        (tmp_path / "workers ended").touch()
    assert (done.returncode, done.stderr) == (-9, b"")


def test_dask_one_worker() -> None:
    """A single Dask worker is another process."""
    with open_engine("dask", jobs=1) as engine:
        results = run_tasks(engine, [Load(number) for number in range(5)])
    assert squares(results) == {number: number**2 for number in range(5)}
    assert len(process_ids(results)) == 1
    assert os.getpid() not in process_ids(results)


def test_dask_stops_silently(caplog: pytest.LogCaptureFixture) -> None:
    """Pending callbacks of a stopped Dask cluster log nothing."""
    from distributed import default_client

    called = threading.Event()

    def fail() -> None:
        called.set()
        raise OSError("Stream is closed")

    with open_engine("dask", jobs=1) as engine:
        default_client().loop.add_callback(fail)
        results = run_tasks(engine, [Load(3)])
        assert called.wait(dask_cluster.CONNECT_TIMEOUT)
    assert squares(results) == {0: 9}
    assert not caplog.records


def test_engine_failed_tasks() -> None:
    """A task that fails has a Failure, and the others have results."""
    tasks = [Load(2), Load(7, "value error"), Load(3, "data error"), Load(4)]
    for name in ("serial", "processes"):
        with open_engine(name, jobs=2) as engine:
            results = run_tasks(engine, tasks)
        assert squares(results) == {0: 4, 3: 16}
        failure = results[1]
        assert isinstance(failure, Failure)
        assert failure.reason.startswith("ValueError: 7 (in square, line ")
        assert results[2] == Failure("There is nothing here.", "Look elsewhere.")


def test_processes_task_that_interrupts(capfd: pytest.CaptureFixture[str]) -> None:
    """A task that raises KeyboardInterrupt fails alone, without a traceback of its worker."""
    with open_engine("processes", jobs=1) as engine:
        results = run_tasks(engine, [Load(1, "interrupt"), Load(3)])
    assert results[0] == Failure("The task raised KeyboardInterrupt.")
    assert squares(results) == {1: 9}
    assert capfd.readouterr().err == ""


def test_processes_results_that_fail() -> None:
    """An exit and a result that is lost between processes are failures; the worker goes on."""
    kinds = ["exits", "cannot be pickled", "cannot be unpickled", "process id"]
    with open_engine("processes", jobs=1) as engine:
        [(_, worker)] = engine.run(fail_after_return, ["process id"])
        results = dict(engine.run(fail_after_return, kinds))
    for index, reason in enumerate(
        [
            r"SystemExit: 3 \(in fail_after_return, line \d+\)\.",
            r"The task or its result cannot be pickled: .*fail_after_return.*\.",
            r"Its result cannot be unpickled: ValueError: invalid literal .* 'seven'\.",
        ]
    ):
        failure = results[index]
        assert isinstance(failure, Failure)
        assert re.fullmatch(reason, failure.reason)
    assert results[3] == worker


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_engine_task_that_cannot_be_sent(name: str) -> None:
    """A task that cannot be pickled or unpickled is a failure, and the others have results."""
    with open_engine(name, jobs=1) as engine:
        results = dict(engine.run(type, [threading.Lock(), FailsToUnpickle(), 7]))
    lock, unpickled = results[0], results[1]
    assert lock == Failure(
        "The task cannot be pickled: TypeError: cannot pickle '_thread.lock' object."
    )
    assert isinstance(unpickled, Failure)
    assert "invalid literal for int() with base 10: 'seven'" in unpickled.reason
    assert results[2] is int


@pytest.mark.parametrize("from_file", [True, False])
def test_processes_script_without_guard(tmp_path: Path, *, from_file: bool) -> None:
    """A script that its workers cannot import ends at once, with a hint."""
    script = tmp_path / "script.py"
    script.write_text(
        "from tests.helpers.tasks import Load, square\n"
        "from zoo.parallel.open_engine import open_engine\n"
        "with open_engine('processes', jobs=1) as engine:\n"
        "    list(engine.run(square, [Load(number) for number in range(9)]))\n"
    )
    with script.open("rb") as file:
        done = subprocess.run(
            [sys.executable, script if from_file else "-"],
            check=False,
            env=environment(PYTHONPATH=ROOT),
            capture_output=True,
            stdin=file,
            text=True,
        )
    message = "A worker process could not start; its own error is printed above."
    assert done.stderr.splitlines()[-2:] == [
        f"zoo.parallel.processes.WorkerStartError: {message}",
        'In a script file, put the code under `if __name__ == "__main__":`.',
    ]
    assert done.stderr.count("Traceback") == 2  # one of the worker, one of the script


def test_engine_worker_dies_once(tmp_path: Path) -> None:
    """The task of a worker that dies once is repeated."""
    tasks = [Load(number, "dies once" if number == 3 else "square", str(tmp_path)) for number in range(8)]  # fmt: skip # noqa: E501
    with open_engine("processes", jobs=2) as engine:
        results = run_tasks(engine, tasks)
    assert (tmp_path / "died").exists()
    assert squares(results) == {number: number**2 for number in range(8)}


def test_processes_neighbour_goes_on(tmp_path: Path) -> None:
    """The death of a worker repeats its own task, and not the one of the worker beside it."""
    tasks = [Load(number, folder=str(tmp_path)) for number in range(2)]
    with open_engine("processes", jobs=2) as engine:
        results = dict(engine.run(die_beside_another, tasks))
    assert (tmp_path / "died").exists()
    assert [path.name for path in tmp_path.glob("*.started")] == [f"{results[1]}.started"]
    assert results[0] != results[1]


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_engine_task_kills_every_worker(name: str) -> None:
    """A task that kills every worker fails, and the others have results."""
    tasks = [Load(number, "dies" if number == 2 else "square") for number in range(8)]
    with open_engine(name, jobs=2) as engine:
        results = run_tasks(engine, tasks)
    assert squares(results) == {number: number**2 for number in range(8) if number != 2}
    assert results[2] == Failure("Its worker died, also when it was the only task.")


def test_dask_cluster_replaced() -> None:
    """The death of a worker replaces the own cluster: Dask gives up a worker that dies early."""
    from distributed import default_client

    with open_engine("dask", jobs=2) as engine:
        tasks = [Load(number, "dies" if number == 2 else "square") for number in range(4)]
        own = default_client().cluster
        results = run_tasks(engine, tasks)
        assert default_client().cluster is not own
    assert squares(results) == {0: 0, 1: 1, 3: 9}


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_engine_data_supplied(name: str) -> None:
    """Data that workers request is sent once; without it the task fails."""
    tasks = [Load(number, "needs data") for number in range(6)]
    requests = []

    def supply(digest: str) -> bytes:
        requests.append(digest)
        return b"seven!!"

    with open_engine(name, jobs=2) as engine:
        missing = run_tasks(engine, tasks[:1])
        results = dict(engine.run(square, tasks, supply=supply))
        later = run_tasks(engine, tasks)
    assert missing[0] == Failure("The data dddddddddddd could not be sent to its worker.")
    assert requests == [DIGEST]
    assert squares(results) == squares(later) == dict.fromkeys(range(6), 7)


def test_dask_cluster_loses_worker(scheduler: Path, tmp_path: Path) -> None:
    """A cluster that loses a worker finishes all tasks."""
    tasks = [Load(number, folder=str(tmp_path)) for number in range(30)]
    with worker(scheduler, *SINGLE) as first, worker(scheduler, *SINGLE) as other:
        wait_for(scheduler, 2)
        results: Results = {}
        with open_engine(f"dask:{scheduler}", jobs=1) as engine:
            assert engine.capacity == 2 * 2
            for index, result in engine.run(wait_for_kill, tasks):
                assert index not in results
                results[index] = result
                if first.poll() is None and process_ids(results) == {first.pid, other.pid}:
                    first.kill()
                    first.wait()
                    (tmp_path / KILLED).touch()
        assert other.poll() is None
    assert squares(results) == {number: number**2 for number in range(30)}
    assert process_ids(results) == {first.pid, other.pid}
    assert {results[number][1] for number in range(BEFORE, 30)} == {other.pid}  # type: ignore[index]


def test_dask_result_before_its_loss() -> None:
    """A result that arrived counts, even if its worker died at once and Dask cancelled it."""
    from distributed import Future, KilledWorker

    outcome = dask_engine._outcome  # noqa: SLF001 - the moment cannot be chosen
    cancelled, failed = Mock(Future, status="cancelled"), Mock(Future, status="error")
    missing, killed = MissingDataError("digest"), KilledWorker("task", None, 1)
    for result in ((9, 18837), Failure("It failed."), missing):
        assert outcome(cancelled, result) is result
    assert isinstance(outcome(cancelled, CancelledError("task")), WorkerDeath)
    assert isinstance(outcome(failed, (KilledWorker, killed, None)), WorkerDeath)
    assert isinstance(outcome(failed, (ValueError, ValueError("x"), None)), Failure)


def test_dask_last_worker_dies(
    scheduler: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The death of a cluster's only worker is reported, and ends the run if no other one starts."""
    monkeypatch.setattr(dask_cluster, "RESTART_TIMEOUT", 1)
    monkeypatch.setattr(dask_engine, "WORKERS_CHECK_EVERY", 0.1)
    with worker(scheduler, *SINGLE) as only:
        wait_for(scheduler, 1)
        stopped = pytest.raises(ZooError, match="All workers stopped, and no other one has started")
        with stopped, open_engine(f"dask:{scheduler}", jobs=1) as engine:
            for _ in engine.run(wait_unless_zero, [0, 1]):
                only.kill()
                only.wait()
    assert caplog.messages == ["all Dask workers stopped; waiting 1 s for another one."]


@pytest.mark.parametrize(
    "name", ["parallel", "serial:1", "processes:2", "dask:", "", "DASK", "dasktcp://127.0.0.1:1"]
)
def test_engine_unknown(name: str) -> None:
    with pytest.raises(ConfigError, match="There is no engine") as error, open_engine(name, jobs=1):
        pass
    assert "serial, processes, dask" in error.value.hint


def test_dask_scheduler_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_TIMEOUT", 2)
    contents = {"empty": "", "other": '{"address": 7}', "nested": "[" * 6000, "large": " " * 10**6}
    for name, content in contents.items():
        (tmp_path / f"{name}.json").write_text(f"{content}\n")
    files = [str(path) for path in tmp_path.iterdir()]
    for location in ("tcp://127.0.0.1:9", "no address", *files):
        raises = pytest.raises(ZooError, match="There is no Dask scheduler at")
        with raises as error, open_engine(f"dask:{location}", jobs=1):
            pass
        assert location in str(error.value)
        assert "dask scheduler" in error.value.hint


def test_dask_scheduler_file_missing() -> None:
    """A missing scheduler file is an error at once."""
    raises = pytest.raises(ConfigError, match=r"nowhere\.json does not exist")
    with raises as error, open_engine("dask:nowhere.json", jobs=1):
        pass
    assert "--scheduler-file nowhere.json" in error.value.hint


def test_dask_scheduler_without_workers(scheduler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT_TIMEOUT", 2)
    raises = pytest.raises(ZooError, match="has no workers")
    with raises as error, open_engine(f"dask:{scheduler}", jobs=1):
        pass
    assert "dask worker tcp://127.0.0.1:" in error.value.hint


def test_dask_workers_with_threads(scheduler: Path) -> None:
    """Workers with several threads are an error with their addresses."""
    with ExitStack() as stack:
        stack.enter_context(worker(scheduler, *SINGLE))
        stack.enter_context(worker(scheduler, "--nthreads", 2, "--no-nanny"))
        wait_for(scheduler, 2)
        raises = pytest.raises(ConfigError, match="several threads: tcp://127")
        with raises as error, open_engine(f"dask:{scheduler}", jobs=1):
            pass
    assert str(error.value).count("tcp://") == 1


@pytest.mark.parametrize(
    ("shim", "message"),
    [
        ("import numpy; numpy.__version__ = '1.0'", "numpy 1.0 (expected "),
        ("import zoo; zoo.__version__ = '0.0.7'", "zoo 0.0.7 (expected "),
    ],
)
def test_dask_worker_of_other_version(
    scheduler: Path, tmp_path: Path, shim: str, message: str
) -> None:
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim/sitecustomize.py").write_text(shim)
    paths = f"{tmp_path / 'shim'}:{ROOT}"
    with ExitStack() as stack:
        stack.enter_context(worker(scheduler, *SINGLE, "--name", "same"))
        stack.enter_context(worker(scheduler, *SINGLE, "--name", "odd", PYTHONPATH=paths))
        wait_for(scheduler, 2)
        with pytest.raises(WorkerVersionError) as error, open_engine(f"dask:{scheduler}", jobs=1):
            pass
    first, *lines = str(error.value).splitlines()
    assert first == "Some workers have other versions than this process:"
    assert len(lines) == 1
    assert lines[0].startswith("  tcp://127.0.0.1:")
    assert message in lines[0]


def test_dask_workers_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a cluster has lost its last worker, the engine raises an error."""
    monkeypatch.setattr(dask_cluster, "RESTART_TIMEOUT", 1)
    deaths = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"
    with scheduler_process(tmp_path, **{deaths: 0}) as file, worker(file, *SINGLE):
        wait_for(file, 1)
        raises = pytest.raises(ZooError, match=r"^All workers stopped, and no other one")
        with raises as error, open_engine(f"dask:{file}", jobs=1) as engine:
            run_tasks(engine, [Load(1, "dies")])
    assert error.value.hint == "Start workers and repeat the command: finished tasks are kept."
