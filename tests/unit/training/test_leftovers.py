"""What killed commands left in a folder of runs, and commands that leave nothing."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.digits import digits
from tests.helpers.ended_process import path_of_ended_process
from tests.helpers.entries import recipe
from zoo import files
from zoo.errors import ZooError
from zoo.system.temporary import new_path
from zoo.training import runs as runs_module
from zoo.training.leftovers import leftovers
from zoo.training.recorder import start
from zoo.training.run import Run
from zoo.training.runs import all_runs, create_run, find_run, import_run

NOW = 1_800_000_000.0
FILES = {"entry.toml": b"", "run.json": b"{}", "weights.safetensors": b""}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a run among others' files."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own.txt").touch()
    return import_run(tmp_path, recipe(), FILES)


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_leftovers(run: Run, tmp_path: Path) -> None:
    """Runs without a record and files of ended processes are listed, and nothing that is used."""
    assert leftovers(tmp_path / "missing", now=NOW) == []
    (tmp_path / "contrasts").mkdir()
    (run.path / "weights").mkdir()
    empty = create_run(tmp_path, recipe(), seed=1)
    trained = create_run(tmp_path, recipe(), seed=2)
    trained.lock(is_new=True)
    used = new_path(tmp_path)
    used.mkdir()
    left = [
        path_of_ended_process(folder)
        for folder in (tmp_path, run.path, run.path / "weights", tmp_path / "contrasts")
    ]
    for path in left:
        path.touch()
    assert sorted(leftovers(tmp_path, now=NOW)) == sorted([*left, empty.path])
    trained.unlock()
    assert trained.path in leftovers(tmp_path, now=NOW)


def test_remove_run_in_a_folder_of_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that cannot be renamed is not emptied."""
    before = sorted(run.path.iterdir())

    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "rename", forbidden)
    with pytest.raises(ZooError, match="cannot be deleted: Permission denied"):
        run.remove()
    assert sorted(run.path.iterdir()) == before


def test_remove_run_killed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of which a part is deleted is not a run, and the next one sweeps it."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    left = path_of_ended_process(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        patch.setattr("zoo.training.run.new_path", lambda _: left)
        with pytest.raises(KeyboardInterrupt):
            run.remove()
    assert not list(all_runs(tmp_path))
    assert leftovers(tmp_path, now=NOW) == [left]
    files.searched_folders.clear()
    create_run(tmp_path, recipe(), seed=0)
    assert not left.exists()


def test_import_run_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run appears with all of its files, or not at all."""
    written: list[Path] = []

    def write(path: Path, content: bytes) -> None:
        assert not list(tmp_path.rglob("digits*"))
        if len(written) == 2:
            full()
        written.append(path)
        files.write_atomically(path, content)

    monkeypatch.setattr(runs_module, "write_atomically", write)
    with pytest.raises(ZooError, match="No space left"):
        import_run(tmp_path / "new" / "runs", recipe(), FILES)
    assert len(written) == 2
    assert list(tmp_path.iterdir()) == []


def test_start_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that cannot write its record leaves no folder."""
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ZooError, match="No space left"):
        start(recipe(), digits(), runs=tmp_path / "new" / "runs", clock=lambda: 0.0)
    assert list(tmp_path.iterdir()) == []


def test_run_that_may_not_be_entered(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a run that cannot be read, and does not hide what is left over in others."""
    empty = create_run(tmp_path, recipe(), seed=1)

    def refused(path: object) -> None:
        if run.path in Path(str(path)).parents:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "lstat", wrapped(os.lstat, refused))
    monkeypatch.setattr(os, "stat", wrapped(os.stat, refused))
    monkeypatch.setattr(Path, "stat", wrapped(Path.stat, refused))
    assert leftovers(tmp_path, now=NOW) == [empty.path]
    assert find_run(tmp_path, run.name).path == run.path


def wrapped(function: Callable[..., Any], before: Callable[[object], None]) -> Callable[..., Any]:
    """Return the function, which calls another one with its first argument before."""

    def call(path: object, *arguments: object, **options: object) -> object:
        before(path)
        return function(path, *arguments, **options)

    return call


def test_run_whose_record_is_a_folder(run: Run, tmp_path: Path) -> None:
    """It is listed, so that a warning names it."""
    (run.path / "run.json").unlink()
    (run.path / "run.json").mkdir()
    assert [found.name for found in all_runs(tmp_path)] == [run.name]


def test_leftovers_follow_no_links(tmp_path: Path) -> None:
    """Folders elsewhere stay, also those with the names of temporary ones, and a linked record."""
    elsewhere, runs = tmp_path / "elsewhere", tmp_path / "runs"
    path_of_ended_process(elsewhere).mkdir(parents=True)
    linked = create_run(runs, recipe(), seed=1)
    (linked.path / "run.json").symlink_to(tmp_path / "not mounted")
    for link in (linked.path / "weights", runs / "contrasts"):
        link.symlink_to(elsewhere, target_is_directory=True)
    assert leftovers(runs, now=NOW) == []
