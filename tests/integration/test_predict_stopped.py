"""`zoo predict` by chunks when it is stopped or killed, and on Dask."""

import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_predict_chunks import DIGITS, stamps
from tests.helpers.command import environment, zoo, zoo_ok
from tests.helpers.process import ZOO


def test_predict_dask_bytes(pictures: Path, tmp_path: Path) -> None:
    """A cluster writes the same bytes."""
    command = ("predict", "digits-10", pictures, "--preprocess", "none", "--skip-bad", "--out")
    zoo_ok(*command, "plain.json", cwd=tmp_path)
    zoo_ok(*command, "dask.json", "--engine", "dask", "--jobs", 2, cwd=tmp_path)
    assert (tmp_path / "dask.json").read_bytes() == (tmp_path / "plain.json").read_bytes()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder of 1,000 images, ten links to each file, which take some seconds."""
    folder, drawn = tmp_path / "many", tmp_path / "drawn"
    folder.mkdir()
    drawn.mkdir()
    for number in range(100):
        image = Image.fromarray((DIGITS[number].reshape(8, 8) * 15).astype(np.uint8))
        image.resize((200, 200)).save(drawn / f"{number:02}.png")
    for number in range(1000):
        os.link(drawn / f"{number % 100:02}.png", folder / f"{number:04}.png")
    return folder


def begin(folder: Path, *options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [ZOO, "predict", "digits-10", str(folder), *map(str, options)],
        cwd=folder.parent,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_parts(process: subprocess.Popen[str], folder: Path, count: int) -> None:
    until = time.monotonic() + 60
    while len(stamps(folder)) < count and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    assert process.poll() is None


def processes_of(session: int) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue
        state, _, _, of = rest.split()[:4]
        if int(of) == session and state != "Z":
            found.append(path.parent.name)
    return found


def all_gone(session: int) -> bool:
    until = time.monotonic() + 15
    while processes_of(session) and time.monotonic() < until:
        time.sleep(0.1)
    return not processes_of(session)


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_predict_resume_after_kill_9(many: Path, engine: str) -> None:
    """After kill -9 a chunk that is finished is not predicted again; a damaged part is."""
    parts = many.parent / "out.csv.parts"
    (many / "9999.png").write_bytes(b"")  # a submission is not written with it, and parts stay
    with begin(many, "--submission", "out.csv", "--engine", engine, "--jobs", 2) as process:
        wait_for_parts(process, parts, 2)
        process.kill()
        process.wait()
        assert all_gone(process.pid)
    before = stamps(parts)
    damaged, *finished = sorted(before)
    (parts / damaged).write_bytes((parts / damaged).read_bytes()[:-1] + b"?")
    before = stamps(parts)
    command = ("predict", "digits-10", many, "--submission", "out.csv")
    stopped = zoo(*command, "--resume", "--jobs", 1, cwd=many.parent)
    assert stopped.exit_code == 5
    after = stamps(parts)
    assert len(after) > len(before) > len(finished) > 0
    assert {name for name in before if after[name] == before[name]} == set(finished)
    (many / "9999.png").unlink()  # the last one, and its chunk alone is another one now
    done = zoo(*command, "--resume", "--jobs", 1, cwd=many.parent)
    assert done.exit_code == 0
    assert f"zoo: {len(after)}/{len(after)} " in done.stderr
    assert f"zoo: {len(after) - 1}/{len(after)} " not in done.stderr
    assert not parts.exists()
    by_chunks = (many.parent / "out.csv").read_bytes()
    zoo_ok(*command, cwd=many.parent)
    assert by_chunks == (many.parent / "out.csv").read_bytes()


def stop(many: Path, engine: str, number: signal.Signals, code: int) -> None:
    """Stop a command with a signal; see what it says and keeps, and that no process is left."""
    parts = many.parent / "out.csv.parts"
    with begin(many, "--out", "out.csv", "--engine", engine, "--jobs", 2) as process:
        wait_for_parts(process, parts, 1)
        os.killpg(process.pid, number)
        _, said = process.communicate(timeout=20)
    assert process.returncode == code
    first, second = said.splitlines()[-2:]
    count = int(first.removeprefix("zoo: stopped: ").split()[0])
    assert count == len(stamps(parts)) > 0
    assert first.endswith(" chunks are done and kept.")
    assert second == "     The same command with --resume goes on."
    assert "Traceback" not in said
    assert not (many.parent / "out.csv").exists()
    assert all_gone(process.pid)


STOPS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["int", "term"]
)


@STOPS
@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_predict_stopped_by_a_signal(
    many: Path, engine: str, number: signal.Signals, code: int
) -> None:
    """A command that is stopped says how many chunks are kept, and leaves no process behind."""
    stop(many, engine, number, code)


@STOPS
def test_predict_dask_stopped_by_a_signal(many: Path, number: signal.Signals, code: int) -> None:
    """On a cluster of its own a stopped command says the same, and takes the cluster with it."""
    stop(many, "dask", number, code)
