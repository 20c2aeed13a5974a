"""`zoo compare` on a Dask cluster: a scheduler and workers, some of which are killed."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.helpers.command import Result, environment, zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from tests.helpers.killing import TASK_COUNTED, Moment, killed
from tests.helpers.mnist import folder, needs_mnist
from tests.helpers.optional import optional
from tests.helpers.process import zoo_process

TIMEOUT = 60


@pytest.fixture(autouse=True)
def _dask() -> None:
    optional("distributed")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@contextmanager
def process(*arguments: object, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Dask command until the end of the block."""
    running = subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)],
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait(TIMEOUT)


@contextmanager
def cluster(workers: int, **settings: object) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Yield the workers of a cluster, and last its scheduler, whose file is scheduler.json."""
    with ExitStack() as stack:
        file = Path("scheduler.json").resolve()
        scheduler = stack.enter_context(
            process(
                "distributed.cli.dask_scheduler",
                *("--host", "127.0.0.1", "--port", 0, "--no-dashboard"),
                *("--scheduler-file", file),
            )
        )
        start = time.monotonic()
        while not file.exists():
            assert time.monotonic() - start < TIMEOUT
            time.sleep(0.05)
        processes = [
            stack.enter_context(
                process(
                    "distributed.cli.dask_worker",
                    *("--scheduler-file", file, "--host", "127.0.0.1"),
                    *("--nthreads", 1, "--no-nanny", "--no-dashboard"),
                    **settings,
                )
            )
            for _ in range(workers)
        ]
        yield [*processes, scheduler]


def fingerprints(runs: str) -> dict[int, str]:
    records = [json.loads(path.read_text()) for path in Path(runs).rglob("run.json")]
    return {record["seed"]: record["fingerprint"] for record in records}


def test_compare_dask_worker_killed(tmp_path: Path) -> None:
    """A killed worker changes no result, and the bits are those of serial."""
    Path("own.toml").write_text(SMALLEST.replace("epochs = 1", "epochs = 300"))
    command = ("compare", "own.toml", "--train", "--seeds", 8)
    with cluster(2) as workers:
        moment = Moment(TASK_COUNTED, at=1, after=True, processes=[workers[0].pid])
        options = ("--engine", "dask:scheduler.json", "--runs", "parallel")
        done = killed(moment, *command, *options, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines()[-1].startswith("zoo: 8/8 ")
    assert "8 here" in done.stdout
    zoo_ok(*command, "--engine", "serial", "--runs", "serial-runs")
    assert fingerprints("parallel") == fingerprints("serial-runs")
    assert len(fingerprints("serial-runs")) == 8
    processes = {json.loads(p.read_text())["process"] for p in Path("parallel").rglob("run.json")}
    assert processes <= {worker.pid for worker in workers}
    assert workers[1].pid in processes


def test_compare_dask_scheduler_killed(tmp_path: Path) -> None:
    """A killed scheduler is an error with one sentence, and finished runs are kept."""
    Path("own.toml").write_text(SMALLEST.replace("epochs = 1", "epochs = 300"))
    with cluster(1) as (_, scheduler):
        moment = Moment(TASK_COUNTED, at=1, after=True, processes=[scheduler.pid])
        command = ("compare", "own.toml", "--train", "--seeds", 8)
        done = killed(moment, *command, "--engine", "dask:scheduler.json", cwd=tmp_path)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-2:] == [
        "zoo: The Dask scheduler at scheduler.json stopped.",
        "     Start a new one and repeat the command: finished tasks are kept.",
    ]
    assert 1 <= len(fingerprints("runs")) < 8


@needs_mnist
def test_compare_dask_data_sent(tmp_path: Path) -> None:
    """Workers without the data receive it through the cluster."""
    own = SMALLEST.replace('"digits"', '"mnist"').replace("epochs = 1", "epochs = 1, batch = 500")
    Path("own.toml").write_text(own)
    command = ("compare", "own.toml", "--train", "--seeds", 2, "--json")
    nowhere = {"ZOO_DATA": None, "ZOO_CACHE_DIR": tmp_path / "empty", "ZOO_OFFLINE": 1}
    with cluster(2, **nowhere):
        sent = zoo_process(*command, "--engine", "dask:scheduler.json", ZOO_DATA=folder())
    assert sent.exit_code == 0, sent.stderr
    serial = zoo_ok(*command, "--engine", "serial", "--runs", "serial-runs", ZOO_DATA=folder())
    assert json.loads(sent.stdout)[0]["reproduced"] == json.loads(serial)[0]["reproduced"]
    assert fingerprints("runs") == fingerprints("serial-runs")
    assert not (tmp_path / "empty" / "zoo" / "mnist").exists()


def test_compare_dask_worker_refused(tmp_path: Path) -> None:
    """A worker with other versions is an error with its address."""
    shim = tmp_path / "shim"
    shim.mkdir()
    (shim / "sitecustomize.py").write_text(
        "import platform\nplatform.python_version = lambda: '3.11.99'\n"
    )
    with cluster(1, PYTHONPATH=shim):
        refused = zoo_process("compare", "digits-10", "--train", "--engine", "dask:scheduler.json")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("zoo: Some workers have other versions than this process:\n")
    assert "tcp://127.0.0.1:" in refused.stderr
    assert "python 3.11.99 (expected " in refused.stderr
    assert not Path("runs").exists()


def test_compare_dask_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo.parallel import dask_cluster

    monkeypatch.setattr(dask_cluster, "CONNECT_TIMEOUT", 1)
    refused = zoo("compare", "digits-10", "--train", "--engine", "dask:tcp://127.0.0.1:9")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("zoo: There is no Dask scheduler at tcp://127.0.0.1:9: ")
    assert "Start one: `dask scheduler`" in refused.stderr
    missing = zoo("compare", "digits-10", "--train", "--engine", "dask:nothing.json")
    assert missing.exit_code == 2
    assert missing.stderr.startswith("zoo: nothing.json does not exist.\n")


def compare_on(cluster: str) -> Result:
    return zoo("compare", "digits-10", "--train", "--engine", f"dask:{cluster}")


def test_compare_dask_mute_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program than a scheduler, which says nothing, is not waited for without an end."""
    monkeypatch.setattr("zoo.parallel.dask_cluster.CONNECT_TIMEOUT", 1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        refused = compare_on(address)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(
        f"zoo: There is no Dask scheduler at {address}: no answer within 1 s.\n"
    )


def test_compare_dask_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command waits for is said at once."""
    monkeypatch.setattr("zoo.parallel.dask_cluster.CONNECT_TIMEOUT", 2)
    with cluster(0):
        refused = compare_on("scheduler.json")
    assert refused.exit_code == 1
    first, second, hint = refused.stderr.splitlines()
    assert first == ("zoo: warning: waiting 2 s for a worker of the scheduler at scheduler.json.")
    assert second == "zoo: The scheduler at scheduler.json has no workers."
    assert hint.startswith("     Start one: `dask worker tcp://127.0.0.1:")


def test_compare_dask_without_certificate() -> None:
    """Dask's own error is a TypeError."""
    refused = compare_on("tls://127.0.0.1:9")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("zoo: tls://127.0.0.1:9 needs a certificate")


@pytest.mark.parametrize("text", ["[" * 100_000, " " * 2_000_000, '{"address": 5}'])
def test_compare_dask_damaged_scheduler_file(text: str) -> None:
    """A scheduler file that is nested, too large or without an address is refused."""
    Path("scheduler.json").write_text(text)
    refused = compare_on("scheduler.json")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("zoo: There is no Dask scheduler at scheduler.json: ")


def test_compare_dask_scheduler_killed_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that is killed before the first task is an error with the same sentence."""
    from zoo.parallel import dask_cluster

    with cluster(1) as (_, scheduler):

        def killed_before(client: object) -> None:
            scheduler.kill()
            scheduler.wait(TIMEOUT)
            check_versions(client)

        check_versions = dask_cluster._check_versions  # noqa: SLF001 - a moment after connecting
        monkeypatch.setattr(dask_cluster, "_check_versions", killed_before)
        refused = compare_on("scheduler.json")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-2:] == [
        "zoo: The Dask scheduler at scheduler.json stopped.",
        "     Start a new one and repeat the command: finished tasks are kept.",
    ]
