"""Threads that a plugin leaves behind: the program waits for them a while, and then ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import packages
from tests.helpers.command import Result, environment

APP = """\
import atexit
import threading

import typer

app = typer.Typer()
Thread = threading.Thread


@app.command()
def upload(how: str) -> None:
    '''Leave a thread behind.'''
    print("done")
    atexit.register(print, "at exit")
    threads = {
        "ever": [Thread(target=threading.Event().wait, name="up\\x1bload")],
        "two": [Thread(target=threading.Event().wait, name=name) for name in "ab"],
        "end": [Thread(target=save)],
    }
    for thread in threads["ever" if how == "bug" else how]:
        thread.start()
    if how == "bug":
        raise KeyboardInterrupt
    raise typer.Exit(7)


def save() -> None:
    threading.main_thread().join()
    print("saved")
"""
RUN = """\
import sys
from zoo.cli import exit, main

exit.PATIENCE = float(sys.argv.pop(1))
main()
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder with a plugin whose command leaves a thread behind."""
    folder = packages.write(
        tmp_path / "sources", "uploads", {"app.py": APP}, commands="upload = 'uploads.app:app'"
    )
    packages.place(tmp_path / "site", folder)
    return tmp_path / "site"


def upload(site: Path, how: str, *, patience: float) -> Result:
    """Run the command, in which zoo waits so many seconds for threads."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(patience), "upload", how],
        capture_output=True,
        check=False,
        cwd=site,
        env=environment(PYTHONPATH=site),
        text=True,
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("how", "code", "threads"),
    [
        ("ever", 7, r"thread 'up\x1bload' of a plugin or a library still runs"),
        ("two", 7, "threads 'a' and 'b' of a plugin or a library still run"),
        ("bug", 130, r"thread 'up\x1bload' of a plugin or a library still runs"),
    ],
)
def test_plugin_thread_that_never_ends(site: Path, how: str, code: int, threads: str) -> None:
    """The output is whole, handlers of the exit have run, and the exit code is the command's."""
    assert upload(site, how, patience=0.05) == Result(
        code,
        "done\nat exit\n",
        f"zoo: warning: The {threads} 0.05 seconds after the command; zoo ends all the same.\n",
    )


def test_plugin_thread_that_ends(site: Path) -> None:
    """A thread that still saves something is waited for, without a word."""
    assert upload(site, "end", patience=30) == Result(7, "done\nsaved\nat exit\n", "")
