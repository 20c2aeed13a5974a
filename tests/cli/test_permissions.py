"""Files and folders that a command may not read or write: a hint names what to permit.

Root may read all, hence the patches.
"""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo
from zoo.system.files import read_regular


@pytest.fixture
def forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a file that may neither be entered nor changed."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "names.json").touch()

    def refuse(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            if Path(path).is_relative_to(folder):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *arguments, **options)

        monkeypatch.setattr(owner, name, call)

    for name in ("iterdir", "is_dir", "is_file", "mkdir", "open", "unlink"):
        refuse(Path, name)
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != folder and access(path, mode)
    )
    return folder


@pytest.mark.parametrize(
    ("command", "exit_code", "problem"),
    [
        (("verify", "{}/a.pyz"), 3, "{}/a.pyz could not be read"),
        (("verify", "{}"), 3, "{} could not be read"),
        (("data", "clear", "--yes"), 1, "{} cannot be searched"),
        (("data", "list"), 3, "{} cannot be searched"),
        (("data", "fetch", "mnist"), 1, "{}/mnist/train-images-idx3-ubyte could not be written"),
        (("runs", "--runs", "{}"), 2, "{} could not be read"),
        (("runs", "gc", "--runs", "{}"), 2, "{} could not be read"),
    ],
)
def test_permission_denied(
    forbidden: Path, command: tuple[str, ...], exit_code: int, problem: str
) -> None:
    words = [word.format(forbidden) for word in command]
    denied = zoo(*words, ZOO_CACHE_DIR=forbidden)
    assert denied.exit_code == exit_code
    assert denied.stderr == (
        f"zoo: {problem.format(forbidden)}: Permission denied.\n"
        f"     Check the permissions of {forbidden}.\n"
    )


def test_fetch_copy_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not called damaged; the hint of a download follows."""

    def refuse(path: Path) -> None:
        number = errno.EACCES if path.name.startswith("train-images") else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr("zoo.data.verified_files.open_regular", refuse)
    denied = zoo("data", "fetch", "mnist", "--offline", ZOO_CACHE_DIR=tmp_path)
    assert denied.exit_code == 3
    assert denied.stderr.startswith(
        "zoo: MNIST could not be downloaded: train-images-idx3-ubyte (the copy could not be read), "
        "train-labels-idx1-ubyte, "
    )


def test_verify_others_where_one_may_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file without permission hides nothing about the others."""
    paths = [tmp_path / name for name in ("one.pyz", "two.pyz")]
    for path in paths:
        path.touch()
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != paths[0])

    def read(path: Path, max_bytes: int) -> bytes:
        if path == paths[0]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read_regular(path, max_bytes)

    monkeypatch.setattr("zoo.files.read_regular", read)
    done = zoo("verify", *paths)
    assert done.exit_code == 5
    assert done.stderr.startswith(
        f"zoo: {paths[0]} could not be read: Permission denied.\n"
        f"     Check the permissions of {paths[0]}.\n"
        f"zoo: {paths[1]} is neither a bundle nor an ONNX file of zoo"
    )


def test_clear_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may be listed is named, too: its files cannot be deleted."""
    (tmp_path / "names.json").touch()

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    denied = zoo("data", "clear", "--yes", ZOO_CACHE_DIR=tmp_path)
    assert denied.exit_code == 1
    assert denied.stderr == (
        f"zoo: {tmp_path / 'names.json'} could not be deleted: Permission denied.\n"
        f"     Check the permissions of {tmp_path}.\n"
    )
