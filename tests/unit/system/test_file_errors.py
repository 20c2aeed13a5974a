"""Advice on errors of the system with files: each fits its cause."""

import errno
import os
from pathlib import Path

import pytest

from tests.helpers.unix import unix_only
from zoo.system.file_errors import DELETED_FOLDER, hint, is_in_deleted_folder, reading_hint


def system_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Free space on its disk."),
        (errno.EDQUOT, "Free space on its disk."),
        (errno.EFBIG, "Raise the limit with `ulimit -f`, or choose another disk."),
        (errno.ENAMETOOLONG, "Use a shorter name."),
        (errno.ENOTDIR, "Choose another path: a part of this one is a file."),
        (errno.EROFS, "Choose a folder that may be written to."),
        (errno.EIO, "Other."),
        (errno.ENOENT, "Other."),
    ],
)
def test_hint_fits_the_cause(number: int, advice: str) -> None:
    assert hint(system_error(number), Path("folder", "file"), otherwise="Other.") == advice


@pytest.mark.usefixtures("on_linux")
def test_hint_names_what_to_permit(tmp_path: Path) -> None:
    """To write or delete, it is the folder; to read, the file, or the folder that hides it."""
    file = tmp_path / "file"
    file.touch()
    denied = system_error(errno.EACCES)
    assert hint(denied, file) == f"Check the permissions of {tmp_path}."
    assert hint(denied, tmp_path / "none" / "file") == f"Check the permissions of {tmp_path}."
    assert hint(denied, Path("file")) == "Check the permissions of the current folder."
    assert reading_hint(denied, file) == f"Check the permissions of {file}."
    hidden = tmp_path / "none" / "file"
    assert reading_hint(denied, hidden) == f"Check the permissions of {tmp_path}."


@unix_only
def test_hint_for_a_device() -> None:
    """The permissions of /dev and the space in it are not the user's."""
    assert hint(system_error(errno.ENOSPC), Path("/dev/full")) == "Choose another output."


@unix_only
def test_hint_in_a_deleted_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a relative path is in the folder that was deleted."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    missing = system_error(errno.ENOENT)
    assert not is_in_deleted_folder(Path("file"))
    assert reading_hint(missing, Path("file")) == ""
    folder.rmdir()
    assert is_in_deleted_folder(Path("file"))
    assert hint(missing, Path("runs", "file"), otherwise="Other.") == DELETED_FOLDER
    assert hint(missing, tmp_path / "file", otherwise="Other.") == "Other."


@pytest.mark.usefixtures("on_windows")
def test_hint_long_path() -> None:
    """Windows reports a path with more than 259 characters as one that does not exist."""
    error = FileNotFoundError(2, "No such file or directory")
    long, short = Path.cwd() / ("a" * 260), Path("a")
    assert hint(error, long, otherwise="Other.").startswith(
        f"The path has {len(str(long))} characters, and Windows allows 259: use a shorter one, or "
    )
    assert hint(error, short, otherwise="Other.") == "Other."
    assert hint(OSError(28, "No space left"), long) == "Free space on its disk."
