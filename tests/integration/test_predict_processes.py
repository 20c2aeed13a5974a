"""`zoo predict` as a process: signals, pipes, terminals, memory."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import environment
from tests.helpers.image_folders import digit_rows, write_digit
from tests.helpers.killing import PREDICTION, Moment, killed
from tests.helpers.process import ZOO


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_predict_terminated(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """An unfinished output file is removed when zoo is terminated."""
    np.save(tmp_path / "many.npy", np.tile(digit_rows(10), (300, 1)))
    command = ("predict", "digits-10", "many.npy", "--out", "out.csv")
    result = killed(Moment(PREDICTION, at=2000, signals=[number]), *command, cwd=tmp_path)
    assert result.exit_code == code
    assert [path.name for path in tmp_path.iterdir()] == ["many.npy"]


def test_predict_closed_pipe(tmp_path: Path) -> None:
    """A closed pipe causes exit code 1 and no traceback."""
    np.save(tmp_path / "digits.npy", np.tile(digit_rows(10), (2_000, 1)))
    with subprocess.Popen(
        [ZOO, "predict", "digits-10", tmp_path / "digits.npy", "--format", "jsonl"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 1


@pytest.mark.parametrize(
    "settings",
    [{"COLUMNS": "20"}, {"TERM": "dumb"}, {"NO_COLOR": "1"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}],
    ids=str,
)
def test_predict_poor_terminal(tmp_path: Path, settings: dict[str, str]) -> None:
    """The drawing fits a narrow, dumb or ASCII terminal."""
    path = write_digit(tmp_path / "digit.png")
    completed = subprocess.run(
        [ZOO, "predict", "digits-10", path, "--preprocess", "none", "--show"],
        env=environment(**settings),
        capture_output=True,
        check=True,
    )
    text = completed.stdout.decode()
    assert "\x1b" not in text
    assert "%%" in text
    assert all(len(line) <= int(settings.get("COLUMNS", 200)) for line in text.splitlines())


def peak(count: int, tmp_path: Path) -> tuple[str, int]:
    """Predict a folder of this number of images; return stderr and the peak memory in kB."""
    folder = tmp_path / f"{count}"
    folder.mkdir()
    first = write_digit(folder / "0.png")
    for number in range(1, count):
        os.link(first, folder / f"{number}.png")
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    command = [ZOO, "predict", "digits-10", folder, "--preprocess", "none", "--format", "json"]
    completed = subprocess.run(
        [sys.executable, "-c", script, *map(str, command)],
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    code, kilobytes = map(int, completed.stdout.split())
    assert code == 0
    return completed.stderr, kilobytes


def test_predict_memory_of_a_large_folder(tmp_path: Path) -> None:
    """A folder of any size takes the same memory, and progress is shown."""
    _, few = peak(300, tmp_path)
    stderr, many = peak(30_000, tmp_path)
    assert many - few < 15_000
    assert stderr.splitlines() == [f"zoo: {n}0,000 images so far" for n in (1, 2, 3)]
