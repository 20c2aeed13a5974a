"""Commands that are killed at each of their writes: the same command, again, completes them.

Trainings, longer trainings and studies are killed in test_crash.py and test_tune_processes.py.
"""

import json
import re
import shutil
import signal
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.helpers.entries import SMALLEST
from tests.helpers.http_server import mirror, sends
from tests.helpers.image_folders import write_links
from tests.helpers.killing import Moment, killed
from tests.helpers.mnist import file, needs_mnist
from tests.helpers.paths import OLD_RUNS
from tests.helpers.process import zoo_process
from zoo.data.pins import MNIST

# a file is synced, gets its name or is deleted; a folder is made or deleted
WRITES = ("os:fsync", "os:replace", "os:rename", "os:unlink", "os:mkdir", "os:rmdir")
HIDDEN = re.compile(r"(^|/)\.|^(runs|temporary|cache|images|drawn)/")
RUN = re.compile(r"^(runs/.+-s\d+)-\d+")
TRIED = re.compile(r"temporary/[a-z0-9_]{8}")  # by tempfile.gettempdir, four bytes
SOME = (1, 2, 7, 20, 90, 500)  # the writes without --every-write


class Killed(NamedTuple):
    """A command, what its folder needs, and the arguments that go on with it after a kill."""

    prepare: Callable[[Path], object]
    arguments: tuple[object, ...]
    go_on: tuple[object, ...] = ()


def write_entry(folder: Path) -> None:
    (folder / "own.toml").write_text(SMALLEST)


def write_images(folder: Path) -> None:
    write_links(folder / "images", 300)


def copy_run(folder: Path) -> None:
    shutil.copytree(OLD_RUNS / "small-s0-1", folder / "runs" / "small-s0-1")


PREDICT = ("predict", "digits-10", "images", "--out", "out.csv")
COMMANDS = {
    "compare": Killed(write_entry, ("compare", "own.toml", "--train", "--seeds", 2, "--jobs", 1)),
    "predict": Killed(write_images, PREDICT),
    "chunks": Killed(write_images, (*PREDICT, "--engine", "serial"), ("--resume",)),
    "export": Killed(write_entry, ("export", "digits-10", "--onnx", "--out", "exported")),
    "bundle": Killed(write_entry, ("bundle", "digits-10", "-o", "digits.pyz")),
    "folder": Killed(write_entry, ("bundle", "digits-10", "--kind", "folder", "-o", "digits")),
    # the second time there is no such run
    "rm": Killed(copy_run, ("runs", "rm", "small-s0-1", "--yes")),
}


class Folders(NamedTuple):
    """The folder of a command that ended, and those of the ones that were killed and repeated."""

    whole: Path
    repeated: list[Path]


@pytest.fixture(scope="module", params=COMMANDS)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Kill a command at its writes, each time in a new folder, and run it again."""
    every = request.config.getoption("--every-write")
    home = tmp_path_factory.mktemp(request.param)
    command = COMMANDS[request.param]
    repeated: list[Path] = []
    for at in count(1) if every else SOME:
        folder = home / str(at)
        temporary = folder / "temporary"
        temporary.mkdir(parents=True)
        command.prepare(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(temporary))
            patch.setenv("ZOO_CACHE_DIR", str(folder / "cache"))
            result = killed(Moment(WRITES, at=at), *command.arguments, cwd=folder)
            if result.exit_code == 0:
                assert len(repeated) > 1
                return Folders(folder, repeated)
            assert result.exit_code == -signal.SIGKILL, result.stderr
            again = zoo_process(*command.arguments, *command.go_on, cwd=folder)
        # the killed one may have done all of its work, which is refused the second time
        assert again.exit_code in {0, 2}, (at, again.stderr)
        assert "Traceback" not in again.stderr
        if (folder / "runs").exists():  # a run whose number was taken, and that got no file
            swept = zoo_process("runs", "gc", "--yes", cwd=folder)
            assert swept.exit_code == 0, swept.stderr
        repeated.append(folder)
    raise AssertionError


def outputs(folder: Path) -> dict[str, bytes]:
    """Return the files that a command made outside of its runs, and what its runs found."""
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not HIDDEN.search(str(path.relative_to(folder)))
    }
    for path in folder.glob("runs/**/run.json"):
        record = json.loads(path.read_text())
        found[f"seed {record['seed']}"] = f"{record['fingerprint']} {record['scores']}".encode()
    return found


def names(folder: Path) -> set[str]:
    """Return the names of all files and folders, without the numbers of runs.

    The file with which Python tries TMPDIR does not count.
    """
    found = {RUN.sub(r"\1", str(path.relative_to(folder))) for path in folder.rglob("*")}
    return {name for name in found if not TRIED.fullmatch(name)}


def test_killed_loses_nothing(folders: Folders) -> None:
    """The results are those of a command that was not killed."""
    expected = outputs(folders.whole)
    for folder in folders.repeated:
        assert outputs(folder) == expected, folder


def test_killed_leaves_nothing(folders: Folders) -> None:
    """The files are those of a command that was not killed."""
    expected = names(folders.whole)
    for folder in folders.repeated:
        assert names(folder) == expected, folder


@needs_mnist
def test_killed_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that is killed at a write is completed by the next one, and leaves nothing."""

    def serve(handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.removeprefix("/").removesuffix(".gz")
        sends(file(name).read_bytes())(handler)

    with mirror(serve) as server:
        monkeypatch.setenv("ZOO_MIRRORS", server.url)
        for at in count(1):
            cache = tmp_path / str(at)
            monkeypatch.setenv("ZOO_CACHE_DIR", str(cache))
            result = killed(Moment(WRITES, at=at), "data", "fetch", "mnist", cwd=tmp_path)
            again = zoo_process("data", "fetch", "mnist", cwd=tmp_path)
            assert again.exit_code == 0, (at, again.stderr)
            assert {path.name for path in (cache / "mnist").iterdir()} == {
                pinned.name for pinned in MNIST
            }
            if result.exit_code == 0:
                assert at > len(MNIST)
                return
            assert result.exit_code == -signal.SIGKILL, result.stderr
