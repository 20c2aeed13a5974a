"""Outputs that cannot be written: one sentence says what is full, missing or too long."""

import errno
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from zoo.cli.output.result import Result, write
from zoo.cli.output_options import settings
from zoo.cli.pages import write_file

from tests.helpers.command import zoo
from tests.helpers.drawn_images import stored
from tests.helpers.unix import unix_only
from zoo.data.digits import load_digits


@pytest.mark.parametrize(
    "command", [("verify",), ("check",), ("demo", "digits-10", "-o"), ("bundle", "digits-10", "-o")]
)
def test_name_is_too_long(command: tuple[str, ...]) -> None:
    """A name of 300 letters is one sentence, wherever the system refuses it."""
    result = zoo(*command, "n" * 300)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (f"zoo: The name {'n' * 40}… is too long.\n     Use a shorter one.\n")


def test_output_name_is_too_long() -> None:
    result = zoo("list", "-o", "n" * 300)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(
        "could not be written: File name too long.\n     Use a shorter name.\n"
    )


def test_current_folder_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is named, not the output."""

    def missing() -> None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    monkeypatch.setattr("zoo.config.catalog.read_catalog", missing)
    result = zoo("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("zoo: The current folder does not exist any more.\n")


@unix_only
@pytest.mark.parametrize("command", [("train", "digits-10"), ("init", "own"), ("data", "sample")])
def test_output_in_a_deleted_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Another --runs would not help as long as its path is relative."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    result = zoo(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No such file or directory.\n     Change to another folder: the current" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system does not have the device")
def test_output_is_a_full_device() -> None:
    """The permissions of /dev are not the cause."""
    result = zoo("list", "-o", "/dev/full")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "zoo: /dev/full could not be written: No space left on device.\n"
        "     Choose another output.\n"
    )


def test_stdout_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("zoo.cli.output.result._write", full)
    result = zoo("list")
    assert result.exit_code == 1
    assert result.stderr == "zoo: The output could not be written: No space left on device.\n"


def test_page_with_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    """A folder of an old system, in Latin-1, is named in a page and in a result."""
    page = tmp_path / "page.html"
    write_file(page, "data: d\udce9")
    assert page.read_bytes() == b"data: d?"


def test_result_with_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    """A file gets the bytes of the name."""
    result = Result([{"name": "d\udce9"}], document="d\udce9")
    token = settings.set(replace(settings.get(), out=tmp_path / "out"))
    write(result)
    settings.reset(token)
    assert (tmp_path / "out").read_bytes() == b"d\xe9"


def test_errors_fill_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of temporary files is named, not the output."""
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").touch()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", full)
    done = zoo("predict", "digits-10", tmp_path)
    assert done.exit_code == 1
    assert re.match("zoo: A temporary file in .* could not be written: No space left", done.stderr)


@pytest.mark.parametrize(
    "command",
    [
        ("export", "digits-10", "--safetensors", "-o", "new/exported"),
        ("bundle", "digits-10", "-o", "new/digits.pyz"),
        ("bundle", "digits-10", "--kind", "folder", "-o", "new/digits"),
        ("demo", "digits-10", "-o", "new/demo.html"),
        ("list", "-o", "new/list.csv"),
        ("init", "own", "-o", "new/own.toml"),
        ("init", "own-zoo", "--plugin", "-o", "new/own"),
        ("data", "sample", "new/samples"),
        ("train", "digits-10", "--runs", "new/runs"),
        ("train", "digits-10", "--keep-weights", "--runs", "new/runs"),
        ("train", "digits-10", "--seeds", "2", "--runs", "new/runs"),
        ("compare", "digits-10", "--train", "--seeds", "2", "--jobs", "1", "--runs", "new/runs"),
        ("tune", "digits-10", "--space", "train.rate=0.1,0.2", "--study", "new/study"),
        ("predict", "digits-10", "image.png", "-o", "new/out.csv"),
        ("predict", "digits-10", "image.png", "-o", "new/out.csv", "--jobs", "1"),
    ],
    ids=lambda command: "-".join(command[:2]),
)
def test_full_disk_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A folder that a command made and did not fill goes away again."""
    image = tmp_path / "image.png"
    image.write_bytes(stored(load_digits().train.images[0].reshape(8, 8) * 15))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    result = zoo(*command, cwd=tmp_path)
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    left = {path for path in tmp_path.iterdir() if path.name not in {"caches", "settings"}}
    assert left == {image}
