"""A bundle as one file: a Python zip application, which takes its name once it has run.

Nothing in it is compressed: what zlib makes of the same bytes is another thing in every version,
and weights hardly shrink.
"""

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from zoo.bundle.app.integrity import DIGITS, SEAL, sealed
from zoo.bundle.contents import Files, contents
from zoo.errors import DisagreementError
from zoo.files import write_atomically
from zoo.training.model import Model

FIRST_LINE = b"#!/usr/bin/env python3\n"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that an archive can tell
READABLE = 0o100644 << 16
UNIX = 3
PATIENCE = 600  # seconds


def write_pyz(models: Sequence[Model], path: Path) -> str:
    """Write the models as one file that runs, once it has; return what it said of itself."""
    content = archive(contents(models))
    try:
        said = check_runs(content, path)
    except DisagreementError as error:
        if path.exists():
            error.hint = f"{path} is still the older one."
        raise
    write_atomically(path, content)
    path.chmod(0o755)  # it may be called by its name
    return said


def archive(files: Files) -> bytes:
    """Return the files as a zip application that ends in its own digest."""
    made = io.BytesIO()
    made.write(FIRST_LINE)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            told = zipfile.ZipInfo(name, LONG_AGO)
            told.create_system, told.external_attr = UNIX, READABLE
            packed.writestr(told, content)
        packed.comment = SEAL + b"0" * DIGITS
    return sealed(made.getvalue())


def check_runs(content: bytes, path: Path) -> str:
    """Return what a bundle says of its test vectors, with nothing around it but Python."""
    with tempfile.TemporaryDirectory(prefix="zoo-") as home:
        tried = Path(home) / path.name
        tried.write_bytes(content)
        return run_isolated(tried, path.name)


def run_isolated(bundle: Path, name: str) -> str:
    """Return what `--verify` prints in a process without packages and without a setting."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            [sys.executable, "-I", "-S", str(bundle), "--verify"],
            cwd=bundle.parent,
            env=kept,  # Windows starts nothing without its one
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise DisagreementError(
            f"{name} took more than {PATIENCE} seconds to read its test pictures."
        ) from None
    if done.returncode:
        said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()
        raise DisagreementError(f"{name} was not written: {said[-1]}")
    return done.stdout
