"""`zoo data clear`: what it deletes, and when it asks."""

import json
import re
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok, zoo_reading
from tests.helpers.terminal import stdin_is_terminal

FILE = "mnist/t10k-labels-idx1-ubyte"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file in the cache."""
    path = tmp_path / "caches" / "zoo" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(1_500))
    return path


def test_data_clear_without_terminal(file: Path) -> None:
    done = zoo("data", "clear")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "zoo: 1 file, 1.5 kB would be deleted; expected --yes without a terminal.\n"
        "     Add --yes.\n"
    )
    assert file.exists()


def test_data_clear_asks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin_is_terminal(monkeypatch)
    done = zoo_reading(b"\n", "data", "clear")
    assert (done.exit_code, done.stdout) == (1, "")
    question = r"Delete 1 file, 1\.5 kB in \S+\? \[y/N\] zoo: Nothing was deleted\.\n"
    assert re.fullmatch(question, done.stderr)
    assert file.exists()
    assert zoo_reading(b"y\n", "data", "clear").exit_code == 0
    assert not file.exists()


def test_data_clear_says_how_much(file: Path) -> None:
    cache = file.parents[1]
    (file.parent / "own.txt").touch()
    planned = zoo_ok("data", "clear", "--dry-run")
    assert planned.splitlines()[-1] == f"1 file, 1.5 kB in {cache} would be deleted."
    assert file.exists()
    assert json.loads(zoo_ok("data", "clear", "--yes", "--json")) == [
        {"name": FILE, "path": str(file), "bytes": 1_500}
    ]
    assert [path.name for path in cache.rglob("*")] == ["mnist", "own.txt"]
    assert zoo_ok("data", "clear") == f"0 files, 0 B in {cache} deleted.\n"


def test_data_clear_keeps_zoo_data(file: Path) -> None:
    """The user's own folder stays, even if it is the cache."""
    zoo_ok("data", "clear", "--yes", ZOO_DATA=file.parent)
    assert file.exists()
