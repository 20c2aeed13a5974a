"""`zoo runs rm`: when it asks before it deletes."""

import re
import shutil
from pathlib import Path

import pytest
from zoo.cli import terminal

from tests.helpers.command import zoo, zoo_ok, zoo_reading
from tests.helpers.terminal import stdin_is_terminal


@pytest.fixture(autouse=True)
def _two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    zoo_ok("train", "digits-10", "--iterations", 1, "--seeds", 2, "--quiet", "--no-plots")


def n_runs() -> int:
    return len(zoo_ok("runs", "-q").split())


def test_runs_rm_glob_without_terminal() -> None:
    """Nobody can be asked, so --yes is needed."""
    done = zoo("runs", "rm", "digits-*")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "zoo: 2 runs would be deleted; expected --yes without a terminal.\n     Add --yes.\n"
    )
    assert n_runs() == 2
    zoo_ok("runs", "rm", "digits-*", "--yes")
    assert n_runs() == 0


def test_runs_rm_names_without_terminal() -> None:
    zoo_ok("runs", "rm", "digits-10-s0-1", "runs/digits-10-s1-1")
    assert n_runs() == 0


def test_runs_rm_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """If stdin is a terminal, the question goes to stderr, which may be a file."""
    stdin_is_terminal(monkeypatch)
    done = zoo_reading(b"no\n", "runs", "rm", "digits-10-s0-1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert re.fullmatch(r"Delete 1 run, .*\? \[y/N\] zoo: Nothing was deleted\.\n", done.stderr)
    assert n_runs() == 2
    assert zoo_reading(b"y\n", "runs", "rm", "digits-*").exit_code == 0
    assert n_runs() == 0


def test_runs_gc(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a killed command is shown, and deleted after a question."""
    left = Path("runs", "digits-10-s9-1")
    left.mkdir()
    (left / "entry.toml").write_bytes(b"12345")
    assert "1 leftover, 5 B would be deleted." in zoo_ok("runs", "gc", "--dry-run")
    done = zoo("runs", "gc")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("zoo: 1 leftover, 5 B would be deleted; expected --yes ")
    stdin_is_terminal(monkeypatch)
    assert zoo_reading(b"no\n", "runs", "gc").exit_code == 1
    assert left.exists()
    assert zoo_reading(b"y\n", "runs", "gc").exit_code == 0
    assert zoo_ok("runs", "gc") == "There is nothing to delete.\n"
    assert not left.exists()
    assert n_runs() == 2


def test_runs_gc_of_an_ablation() -> None:
    """What a killed `zoo ablate` left is among its runs, which stay."""
    runs = Path("runs/ablate-own")
    shutil.copytree("runs/digits-10-s0-1", runs / "own-s0-1")
    (runs / "own-s0-2").mkdir()
    odd = Path("runs/ablate-odd-s1-2")  # as the ablation of an entry with the name of a run
    shutil.copytree("runs/digits-10-s0-1", odd / "odd-s1-2-s0-1")
    assert "1 leftover" in zoo_ok("runs", "gc", "--yes")
    assert not (runs / "own-s0-2").exists()
    assert (runs / "own-s0-1/run.json").exists()
    assert (odd / "odd-s1-2-s0-1/run.json").exists()
    assert n_runs() == 2


def test_nobody_can_be_asked_with_stdin_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `zoo runs rm ... <&-` in a shell."""
    monkeypatch.setattr("sys.stdin", None)
    assert not terminal.can_ask()
