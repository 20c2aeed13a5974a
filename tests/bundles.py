"""Bundles as their users run them: another Python, nothing but the standard library."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.program import Finished
from zoo.data.dataset import Bytes


def pythons() -> list[str]:
    """Return this Python, and whatever others there are from 3.9 on."""
    found = {sys.executable}
    for minor in range(9, 16):
        if path := shutil.which(f"python3.{minor}"):
            done = subprocess.run(
                [path, "-I", "-S", "-c", "import sys; print(sys.executable)"],
                capture_output=True,
                check=False,
                text=True,
            )
            if not done.returncode:
                found.add(done.stdout.strip())
    return sorted(found)


PYTHONS = pythons()


def run(
    bundle: Path,
    *arguments: object,
    python: str = sys.executable,
    stdin: bytes = b"",
    bare: bool = True,
) -> Finished:
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
    return Finished(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def run_ok(bundle: Path, *arguments: object, **options: object) -> str:
    """Run a bundle, see that it ended well, and return its stdout."""
    finished = run(bundle, *arguments, **options)  # type: ignore[arg-type]
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def idx(images: Bytes) -> bytes:
    """Return pictures as an IDX file."""
    header = np.array([0x803, *images.shape], ">u4").tobytes()
    return header + images.tobytes()
