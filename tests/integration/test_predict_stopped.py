"""Distributed `zoo predict`: stopped, killed, resumed, and on Dask."""

import signal
import time
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.image_folders import write_links, write_mixed
from tests.helpers.killing import DEADLINE, TASK_COUNTED, Moment, started
from tests.helpers.optional import optional
from tests.helpers.process import zoo_process


def test_predict_dask_bytes(tmp_path: Path) -> None:
    """A cluster writes the same bytes."""
    optional("distributed")
    images = write_mixed(tmp_path / "images")
    command = ("predict", "digits-10", images, "--preprocess", "none", "--skip-bad", "--out")
    zoo_ok(*command, "plain.json", cwd=tmp_path)
    done = zoo_process(*command, "dask.json", "--engine", "dask", "--jobs", 2, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "dask.json").read_bytes() == (tmp_path / "plain.json").read_bytes()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder of 300 images, which are four chunks."""
    return write_links(tmp_path / "many", 300)


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the inode and modification time of each part."""
    stats = {path.name: path.stat() for path in folder.glob("[!.]*.part")}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in stats.items()}


def processes_of(session: int) -> list[str]:
    """Return the processes of a session that have not ended."""
    running = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue
        state, _, _, process_session = rest.split()[:4]
        if int(process_session) == session and state != "Z":
            running.append(path.parent.name)
    return running


def wait_until_gone(session: int) -> None:
    """Wait until no process of a session is left: workers check their parent every second."""
    deadline = time.monotonic() + DEADLINE
    while left := processes_of(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def stop(many: Path, moment: Moment, *options: object) -> tuple[int, str]:
    """Run a command until it is stopped, check that no process is left; return code and stderr."""
    with started(moment, "predict", "digits-10", many, *options, cwd=many.parent) as process:
        _, stderr = process.communicate(timeout=DEADLINE)
        wait_until_gone(process.pid)
    return process.returncode, stderr


@pytest.mark.parametrize(
    ("function", "at", "after"),
    [
        # the first is that of multiprocessing's own process
        ("multiprocessing.util:spawnv_passfds", 2, True),  # a worker does not know its task
        ("multiprocessing.util:spawnv_passfds", 3, True),
        ("zoo.parallel.processes:_Worker.__init__", 1, True),  # before its first task
        ("zoo.parallel.processes:_Worker.__init__", 2, True),
        ("zoo.parallel.processes:_Worker.send", 1, True),  # during a task
        ("zoo.parallel.processes:_Worker.send", 3, False),
    ],
)
def test_predict_killed_early(many: Path, function: str, at: int, *, after: bool) -> None:
    """No worker is left, however early its parent is killed."""
    moment = Moment([function], at=at, after=after)
    code, _ = stop(many, moment, "--out", "out.csv", "--engine", "processes", "--jobs", 2)
    assert code == -signal.SIGKILL


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_predict_resume_after_kill_9(many: Path, engine: str) -> None:
    """After kill -9, finished chunks are not predicted again; a damaged one is."""
    parts = many.parent / "out.csv.parts"
    (many / "9999.png").write_bytes(b"")  # it prevents the submission, so the parts stay
    options = ("--submission", "out.csv", "--engine", engine, "--jobs", 2)
    code, _ = stop(many, Moment(TASK_COUNTED, at=2, after=True), *options)
    assert code == -signal.SIGKILL
    before = stamps(parts)
    assert len(before) == 2
    damaged, finished = sorted(before)
    (parts / damaged).write_bytes((parts / damaged).read_bytes()[:-1] + b"?")
    before = stamps(parts)
    command = ("predict", "digits-10", many, "--submission", "out.csv")
    stopped = zoo(*command, "--resume", "--jobs", 1, cwd=many.parent)
    assert stopped.exit_code == 5
    after = stamps(parts)
    assert len(after) > 2
    assert {name for name in before if after[name] == before[name]} == {finished}
    (many / "9999.png").unlink()  # the last file; only its chunk changes
    done = zoo(*command, "--resume", "--jobs", 1, cwd=many.parent)
    assert done.exit_code == 0
    assert f"zoo: {len(after)}/{len(after)} " in done.stderr
    assert f"zoo: {len(after) - 1}/{len(after)} " not in done.stderr
    assert not parts.exists()
    by_chunks = (many.parent / "out.csv").read_bytes()
    zoo_ok(*command, cwd=many.parent)
    assert by_chunks == (many.parent / "out.csv").read_bytes()


@pytest.mark.parametrize(
    ("engine", "number", "code"),
    [
        ("serial", signal.SIGINT, 130),
        ("serial", signal.SIGTERM, 143),
        ("processes", signal.SIGINT, 130),
        ("processes", signal.SIGTERM, 143),
        ("dask", signal.SIGTERM, 143),
    ],
)
def test_predict_stopped(many: Path, engine: str, number: signal.Signals, code: int) -> None:
    """A stopped command reports the number of saved chunks, and no process is left."""
    if engine == "dask":
        optional("distributed")
    options = ("--out", "out.csv", "--engine", engine, "--jobs", 2)
    moment = Moment(TASK_COUNTED, at=1, after=True, signals=[number], group=True)
    exit_code, stderr = stop(many, moment, *options)
    assert exit_code == code
    first, second = stderr.splitlines()[-2:]
    count = len(stamps(many.parent / "out.csv.parts"))
    assert count == 1
    assert first.startswith("zoo: stopped: 1 of ")
    assert first.endswith(" chunks are saved.")
    assert second == "     Run the same command with --resume to continue."
    assert "Traceback" not in stderr
    assert not (many.parent / "out.csv").exists()
