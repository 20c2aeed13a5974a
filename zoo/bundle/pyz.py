"""Bundles as one file: a Python zip application, renamed into place after it verified itself.

Nothing in it is compressed: each version of zlib compresses the same bytes differently, and weights
hardly shrink.
"""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from zoo.bundle.app.integrity import DIGITS, SEAL, sealed
from zoo.bundle.contents import Files, contents
from zoo.errors import DisagreementError
from zoo.files import check_not_a_folder, temporary_folder, write_output
from zoo.training.model import Model

FIRST_LINE = b"#!/usr/bin/env python3\n"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can store
READABLE = 0o100644 << 16
UNIX = 3
TIMEOUT = 600  # seconds


def write_pyz(models: Sequence[Model], path: Path) -> str:
    """Write the models as one file, after a copy of it verified itself; return its output."""
    check_not_a_folder(path)  # before the verification
    content = archive(contents(models))
    try:
        output = check_runs(content, path)
    except DisagreementError as error:
        if path.exists():
            error.hint = f"{path} was not replaced."
        raise
    write_output(path, content, executable=True)
    return output


def archive(files: Files) -> bytes:
    """Return the files as a zip application that ends in its own digest."""
    buffer = io.BytesIO()
    buffer.write(FIRST_LINE)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = UNIX, READABLE
            packed.writestr(info, content)
        packed.comment = SEAL + b"0" * DIGITS
    return sealed(buffer.getvalue())


def check_runs(content: bytes, path: Path) -> str:
    """Return the output of `--verify` of a bundle, run by Python without packages."""
    with temporary_folder() as home:
        copy = home / path.name
        copy.write_bytes(content)
        return run_isolated(copy, path.name)


def run_isolated(bundle: Path, name: str) -> str:
    """Return the output of `--verify` in a process without packages and settings."""
    environment = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    try:
        process = subprocess.run(  # noqa: S603 - zoo wrote the file
            [sys.executable, "-I", "-S", str(bundle), "--verify"],
            cwd=bundle.parent,
            env=environment,  # Windows needs SYSTEMROOT to start a process
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise DisagreementError(
            f"{name} did not verify its test images within {TIMEOUT} seconds."
        ) from None
    if process.returncode:
        lines = (process.stderr.strip() or f"exit code {process.returncode}").splitlines()
        raise DisagreementError(f"{name} was not written: {lines[-1]}")
    return process.stdout
