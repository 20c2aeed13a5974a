"""The program's streams: pipes that close, full disks, encodings, python -m."""

import subprocess
import sys
from pathlib import Path

import pytest

import zoo as package
from tests.helpers.command import environment
from tests.helpers.process import ZOO, zoo_process


def test_the_module_is_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zoo.cli", "--version"],
        capture_output=True,
        check=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout == f"zoo {package.__version__}\n"


def test_an_encoding_without_the_signs_shows_others_and_does_not_fail() -> None:
    page = zoo_process("show", "digits-10", PYTHONIOENCODING="ascii")
    assert page.exit_code == 0
    assert "?Test Accuracy: 95.40%?" in page.stdout


@pytest.mark.parametrize(("redirect", "said"), [(">&-", ""), (">/dev/full", "No space left")])
def test_an_output_that_takes_nothing_brings_no_traceback(redirect: str, said: str) -> None:
    finished = subprocess.run(
        ["sh", "-c", f'"$0" list {redirect}', ZOO],  # noqa: S607 - the shell makes the redirection
        capture_output=True,
        check=False,
        text=True,
    )
    assert "Traceback" not in finished.stderr
    assert said in finished.stderr
    assert finished.returncode == (1 if said else 0)


def test_a_reader_that_leaves_early_brings_no_traceback() -> None:
    with subprocess.Popen(
        [ZOO, "show", "digits-10"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        said = child.stderr.read()
    assert "Traceback" not in said
    assert "Error" not in said
