"""Commands called in this process, with their exit code, stdout and stderr."""

import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, nullcontext
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from zoo.cli.app import run


class Result(NamedTuple):
    """The result of a command."""

    exit_code: int
    stdout: str
    stderr: str


def environment(**settings: object) -> dict[str, str]:
    """Return the environment of this process with these settings; None removes one."""
    # Rich keeps the codes of a style for the whole process, so all have the same colours
    changed: dict[str, object] = {"COLUMNS": None, "COLORTERM": "truecolor", **settings}
    unchanged = {name: value for name, value in os.environ.items() if name not in changed}
    return unchanged | {name: str(value) for name, value in changed.items() if value is not None}


def zoo(*arguments: object, cwd: Path | None = None, **settings: object) -> Result:
    """Run a command like `zoo`, and return its exit code and output."""
    return zoo_reading(b"", *arguments, cwd=cwd, **settings)


def zoo_reading(
    stdin: bytes, *arguments: object, cwd: Path | None = None, **settings: object
) -> Result:
    """Run a command with these bytes on stdin."""
    exit_code, *streams = _run(stdin, *arguments, cwd=cwd, **settings)
    return Result(exit_code, *(stream.decode() for stream in streams))


def zoo_bytes(*arguments: object, cwd: Path | None = None, **settings: object) -> bytes:
    """Run a command, assert that it succeeds, and return the bytes of its stdout."""
    exit_code, stdout, stderr = _run(b"", *arguments, cwd=cwd, **settings)
    assert exit_code == 0, stderr
    return stdout


def _run(
    stdin: bytes, *arguments: object, cwd: Path | None, **settings: object
) -> tuple[int, bytes, bytes]:
    with (
        patch.dict(os.environ, environment(**settings), clear=True),
        chdir(cwd) if cwd else nullcontext(),
        _streams(stdin) as (out, err),
    ):
        exit_code = run(list(map(str, arguments)))
    return exit_code, out.getvalue(), err.getvalue()


def zoo_ok(*arguments: object, cwd: Path | None = None, **settings: object) -> str:
    """Run a command, assert that it succeeds, and return its stdout."""
    result = zoo(*arguments, cwd=cwd, **settings)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[BytesIO, BytesIO]]:
    """Replace the standard streams; yield the buffers of stdout and stderr."""
    out, err = BytesIO(), BytesIO()
    stdout, stderr = (
        TextIOWrapper(stream, encoding="utf-8", errors="replace", write_through=True)
        for stream in (out, err)
    )
    with (
        patch.object(sys, "stdin", TextIOWrapper(BytesIO(stdin), encoding="utf-8")),
        patch.object(sys, "stdout", stdout),
        patch.object(sys, "stderr", stderr),
    ):
        yield out, err
    for stream in (stdout, stderr):
        stream.detach()  # otherwise the buffer would be closed with the stream
