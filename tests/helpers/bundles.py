"""Bundles as their users run them: another Python, nothing but the standard library."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.helpers.command import Result
from zoo.data.dataset import Bytes


def pythons() -> list[str]:
    """Return this Python, and one of each other version there is from 3.9 on."""
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    others = [shutil.which(f"python3.{minor}") for minor in range(9, 16)]
    others += map(str, Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    for path in filter(None, others):
        asked = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run(
            [path, "-I", "-S", "-c", asked], capture_output=True, check=False, text=True
        )
        version = done.stdout.strip()
        if version and tuple(map(int, version.split("."))) >= (3, 9):
            found.setdefault(version, path)
    return sorted(found.values())


PYTHONS = pythons()


def run(
    bundle: Path,
    *arguments: object,
    python: str = sys.executable,
    stdin: bytes = b"",
    bare: bool = True,
) -> Result:
    """Run a bundle with no package, no setting and no environment, or with packages."""
    options = ["-I", "-S"] if bare else ["-I"]
    done = subprocess.run(
        [python, *options, bundle, *map(str, arguments)],
        env={},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=600,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_ok(bundle: Path, *arguments: object, **options: Any) -> str:  # noqa: ANN401 - those of run
    """Run a bundle, see that it ended well, and return its stdout."""
    finished = run(bundle, *arguments, **options)
    assert finished.exit_code == 0, finished.stderr
    return finished.stdout


def idx(images: Bytes) -> bytes:
    """Return pictures as an IDX file."""
    header = np.array([0x803, *images.shape], ">u4").tobytes()
    return header + images.tobytes()
