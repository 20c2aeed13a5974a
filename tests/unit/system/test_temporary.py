"""Temporary files: those of killed processes are recognized by their names, and deleted."""

import errno
import os
import socket
from pathlib import Path

import pytest

from tests.helpers.ended_process import path_of_ended_process
from zoo import files
from zoo.errors import ZooError
from zoo.files import temporary_folder, write_atomically, write_new_folder
from zoo.system import processes, temporary
from zoo.system.temporary import DAY, left_over, new_path, remove_left_over

NOW = 1_800_000_000.0


@pytest.fixture
def dead(tmp_path: Path) -> Path:
    """Return a path of a temporary file, whose process has ended."""
    return path_of_ended_process(tmp_path)


@pytest.fixture(autouse=True)
def _nothingsearched_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "searched_folders", set())


def renamed(path: Path, number: int, part: str) -> Path:
    """Return a path with another part of its name: 1 is the host, 2 the process, 3 its start."""
    parts = path.name.split("-")
    parts[number] = part
    return path.with_name("-".join(parts))


def test_left_over(dead: Path, tmp_path: Path) -> None:
    """Files and folders of an ended process are found, and neither others nor this process's."""
    alive, own = new_path(tmp_path), tmp_path / ".zoo-own.tmp"
    for path in (dead, alive, own):
        path.touch()
    assert left_over(tmp_path, now=NOW) == [dead]
    assert left_over(tmp_path / "missing", now=NOW) == []


def test_left_over_of_a_reused_id(tmp_path: Path) -> None:
    """A process with the id of one that has ended started at another time."""
    renamed(new_path(tmp_path), 3, "0" * 8).touch()
    assert len(left_over(tmp_path, now=NOW)) == 1


def test_left_over_of_an_unknown_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the start of a process cannot be read, one that runs keeps its files."""
    new_path(tmp_path).touch()
    monkeypatch.setattr(processes, "state_and_start", lambda _: None)
    assert left_over(tmp_path, now=NOW) == []
    temporary.own_prefix.cache_clear()
    unknown = new_path(tmp_path)
    temporary.own_prefix.cache_clear()
    monkeypatch.undo()
    unknown.touch()
    assert left_over(tmp_path, now=NOW) == []


def test_left_over_of_another_host(dead: Path, tmp_path: Path) -> None:
    """The process of another host cannot be asked: its file counts after a day."""
    path = renamed(dead, 1, "0" * 8)
    path.touch()
    os.utime(path, (NOW, NOW))
    assert left_over(tmp_path, now=NOW + DAY) == []
    assert left_over(tmp_path, now=NOW + DAY + 1) == [path]


def test_remove_left_over(dead: Path, tmp_path: Path) -> None:
    """Whole folders are deleted; a link is, and not what it leads to."""
    (tmp_path / "own").mkdir()
    dead.mkdir()
    (dead / "file").touch()
    link = renamed(dead, 4, f"{'0' * 8}.tmp")
    link.symlink_to(tmp_path / "own")
    remove_left_over(tmp_path, now=NOW)
    assert list(tmp_path.iterdir()) == [tmp_path / "own"]


def test_next_write_sweeps(dead: Path, tmp_path: Path) -> None:
    """Writing a file deletes what a killed process left in its folder, and so does a new folder."""
    dead.touch()
    write_atomically(tmp_path / "file", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    files.searched_folders.clear()
    dead.mkdir()
    write_new_folder(tmp_path / "folder", {"a/b": b""})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_next_temporary_folder_sweeps(
    dead: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "gettempdir", lambda: str(tmp_path))
    dead.mkdir()
    with temporary_folder() as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []


def test_name_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system allows 255 bytes, and the name of the file may have them all."""
    monkeypatch.setattr(socket, "gethostname", lambda: "h" * 200)
    assert len(new_path(tmp_path).name) < 50
    path = tmp_path / ("n" * 255)
    write_atomically(path, b"")
    assert list(tmp_path.iterdir()) == [path]


def test_temporary_folder_disk_full() -> None:
    """The error names the place of temporary files, not the output."""
    with (
        pytest.raises(ZooError, match=r"A temporary file in .* could not be written: No space"),
        temporary_folder() as folder,
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not folder.exists()


def test_temporary_folder_that_cannot_be_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TMPDIR is named, also where the cause is not its free space."""
    monkeypatch.setattr(files, "gettempdir", lambda: str(tmp_path))

    def refused(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ZooError) as caught, temporary_folder():
        pass
    assert str(caught.value) == (
        f"A temporary file in {tmp_path} could not be written: Permission denied."
    )
    assert "choose another folder with TMPDIR" in caught.value.hint


def test_temporary_folder_without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's message lists the folders that Python tried."""

    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(files, "gettempdir", none)
    with pytest.raises(ZooError) as caught, temporary_folder():
        pass
    assert str(caught.value) == "No usable temporary directory found in ['/tmp']."
    assert "choose another folder with TMPDIR" in caught.value.hint


def test_temporary_folder_of_another_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), temporary_folder():
        (tmp_path / "missing").read_bytes()
