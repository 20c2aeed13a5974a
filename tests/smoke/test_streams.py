"""`python -m zoo`, and streams that are closed, full, broken or in ASCII."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import zoo as package
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import environment
from tests.helpers.process import ZOO, zoo_process
from tests.helpers.unix import unix_only


@pytest.mark.parametrize("module", ["zoo", "zoo.cli"])
def test_python_m(module: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--version"],
        capture_output=True,
        check=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout == f"zoo {package.__version__}\n"


def test_list_in_ascii() -> None:
    """An encoding without ± shows a question mark, and the list is complete."""
    result = zoo_process("list", PYTHONIOENCODING="ascii")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == ENTRIES
    assert " ? 0." in result.stdout


@unix_only
@pytest.mark.parametrize(
    ("redirect", "code", "message"),
    [
        (">&-", 0, ""),
        (">/dev/full", 1, "zoo: The output could not be written: No space left on device.\n"),
    ],
    ids=["closed", "full"],
)
def test_stdout_closed_or_full(redirect: str, code: int, message: str) -> None:
    """A closed or full stdout shows no traceback."""
    result = subprocess.run(
        ["sh", "-c", f'"$0" data list {redirect}', ZOO],  # noqa: S607 - the shell redirects
        capture_output=True,
        check=False,
        text=True,
    )
    assert (result.returncode, result.stderr) == (code, message)


def test_stdout_broken_pipe() -> None:
    """A reader that closes the pipe causes exit code 1 without a message."""
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [ZOO, "data", "list"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
        env=environment(),
        timeout=60,
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, "")
