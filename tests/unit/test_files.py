"""Reading of files up to a limit, and atomic writing."""

import contextlib
import errno
import os
import socket
import stat
from copy import copy
from pathlib import Path

import pytest

from tests.helpers.unix import unix_only
from zoo import files
from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.files import (
    new_folders,
    not_read,
    open_atomically,
    open_output,
    read_bounded,
    write_atomically,
    write_new_folder,
    write_output,
)


@unix_only
def test_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bounded(path, 5) == b"12345"
    for longer in (path, Path("/dev/zero")):
        with pytest.raises(CorruptFileError) as caught:
            read_bounded(longer, 4)
        assert str(caught.value) == f"{longer} has more than 4 bytes, which is the maximum."


@unix_only
@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_read_what_is_not_a_file(tmp_path: Path, kind: str) -> None:
    """A pipe is not waited for, and a link to an endless device costs nothing."""
    path = tmp_path / kind
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            with contextlib.chdir(tmp_path), socket.socket(socket.AF_UNIX) as made:
                made.bind(kind)  # the whole path may be too long for a socket
    with pytest.raises(DataError, match=r"Not a regular file|No such device|not supported"):
        read_bounded(path, 1_000_000)


@unix_only
def test_read_what_the_user_pipes() -> None:
    """A pipe that a shell opened, as in <(command), is read up to the limit."""
    reading, writing = os.pipe()
    os.write(writing, b"12345")
    os.close(writing)
    assert read_bounded(Path(f"/dev/fd/{reading}"), 5) == b"12345"
    os.close(reading)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "could not be read: Is a directory"),
        ("none", "does not exist"),
        ("\0", "could not be read: .*embedded null"),
    ],
)
def test_read_failure(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read_bounded(tmp_path / name, 1_000_000)


def test_not_read_permission(tmp_path: Path) -> None:
    """The error of a file that exists names what to permit; it can be sent to other processes."""
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    error = copy(not_read(tmp_path, denied, CorruptFileError))  # by __reduce__, as pickle does
    assert str(error) == f"{tmp_path} could not be read: Permission denied."
    assert error.hint == f"Check the permissions of {tmp_path}."
    assert error.exit_code == 5


def test_write_makes_folders(tmp_path: Path) -> None:
    """Missing folders are created, and no temporary file is left."""
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_open_until_the_block_ends(tmp_path: Path) -> None:
    """The file does not exist until the block ends."""
    path = tmp_path / "file"
    with open_atomically(path) as file:
        file.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("failure", [ValueError("a bug"), KeyboardInterrupt()])
def test_open_block_that_fails(tmp_path: Path, failure: BaseException) -> None:
    """A block that fails leaves the old file and no temporary file."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half() -> None:
        with open_atomically(path) as file:
            file.write(b"ha")
            raise failure

    with pytest.raises(type(failure)):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.open"])
def test_write_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    """A full disk at any call leads to exit code 1."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(function, full)
        with pytest.raises(ZooError, match="file could not be written: No space left") as caught:
            write_atomically(path, b"new")
    assert caught.value.exit_code == 1
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.open"])
def test_write_disk_full_in_new_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """The folders that were made for a file go away with it; those that existed stay."""
    existing = tmp_path / "existing"
    existing.mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(function, full)
    with pytest.raises(ZooError, match="No space left"):
        write_atomically(existing / "a" / "b" / "file", b"new")
    with pytest.raises(ZooError, match="No space left"):
        write_new_folder(existing / "a" / "folder", {"b/file": b"new"})
    assert list(tmp_path.rglob("*")) == [existing]


def test_new_folders_that_others_use(tmp_path: Path) -> None:
    """A new folder stays if another command has filled it, or made it, meanwhile."""
    folder = tmp_path / "a" / "b"

    def fail() -> None:
        with new_folders(folder):
            (tmp_path / "a" / "file").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.rglob("*")) == [tmp_path / "a", tmp_path / "a" / "file"]


@unix_only
def test_write_to_a_pipe(tmp_path: Path) -> None:
    """A pipe is written to, not replaced; it stands for /dev/null, which root could replace."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_output(pipe, b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


@unix_only
@pytest.mark.parametrize("linked", [False, True])
def test_write_to_an_open_file(tmp_path: Path, *, linked: bool) -> None:
    """What leads into /dev is a stream: the file behind /dev/stdout is not replaced."""
    path = tmp_path / "file"
    path.write_bytes(b"before ")
    with path.open("ab") as file:
        stream = Path(f"/dev/fd/{file.fileno()}")
        if linked:
            (tmp_path / "link").symlink_to(stream)
        write_output(tmp_path / "link" if linked else stream, b"one ")
        file.write(b"two")
    assert path.read_bytes() == b"before one two"


@unix_only
@pytest.mark.parametrize("before", [b"old", None])
def test_write_through_a_link(tmp_path: Path, before: bytes | None) -> None:
    """A link stays a link, and the file that it leads to is written, or created."""
    target, link, outer = tmp_path / "a" / "7.csv", tmp_path / "latest.csv", tmp_path / "outer"
    if before:
        target.parent.mkdir()
        target.write_bytes(before)
    link.symlink_to("a/7.csv")
    outer.symlink_to(link)
    write_output(outer, b"new")
    assert (outer.readlink(), link.readlink()) == (link, Path("a/7.csv"))
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


@unix_only
def test_write_through_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(ZooError, match="link could not be written: Too many levels"):
        write_output(tmp_path / "link", b"")
    assert (tmp_path / "link").is_symlink()


@unix_only
@pytest.mark.parametrize(
    ("mode", "executable", "after"), [(0o600, False, 0o600), (0o640, True, 0o750)]
)
def test_write_keeps_permissions(
    tmp_path: Path, mode: int, after: int, *, executable: bool
) -> None:
    """A file that is replaced keeps its permissions, already while it is written."""
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    with open_output(path, executable=executable):
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {mode, after}
    assert stat.S_IMODE(path.stat().st_mode) == after


@pytest.mark.parametrize("path", [".", "", "folder", "folder/.."])
def test_write_to_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(ConfigError, match="is a folder; expected a file"):
        write_output(Path(path), b"")
    assert list(tmp_path.rglob("*")) == [tmp_path / "folder"]


def test_write_below_a_file(tmp_path: Path) -> None:
    """The error names the path if a parent is a file."""
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(ZooError, match="folder/file could not be written"):
        write_atomically(tmp_path / "folder" / "file", b"")


@unix_only
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_write_in_a_folder_of_others(tmp_path: Path, kind: str) -> None:
    """In a run of somebody else, a link may lead anywhere and a pipe is never read: both go."""
    own, path = tmp_path / "own", tmp_path / "run" / "weights.safetensors"
    own.write_bytes(b"own")
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(own)
    write_atomically(path, b"new")
    assert (own.read_bytes(), path.read_bytes()) == (b"own", b"new")
    assert path.is_file()
    assert not path.is_symlink()


def test_new_folder_exists_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower of two commands that write the same folder says that it exists."""
    path = tmp_path / "folder"

    def write(file: Path, content: bytes) -> None:
        write_atomically(file, content)
        write_atomically(path / "file", b"of the faster one")

    monkeypatch.setattr(files, "write_atomically", write)
    with pytest.raises(ConfigError) as caught:
        write_new_folder(path, {"file": b"of the slower one"})
    assert str(caught.value) == f"{path} already exists; nothing was written."
    assert (path / "file").read_bytes() == b"of the faster one"
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]
