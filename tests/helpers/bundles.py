"""Bundles run by any Python with its standard library alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.helpers.command import Result
from tests.helpers.drawn_images import enlarged, stored
from zoo.data.dataset import Bytes
from zoo.export import sample_inputs


def pythons() -> list[str]:
    """Return this Python, and one of each other installed version from 3.9 on."""
    by_version = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    others = [shutil.which(f"python3.{minor}") for minor in range(9, 16)]
    others += map(str, Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    for path in filter(None, others):
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        process = subprocess.run(
            [path, "-I", "-S", "-c", code], capture_output=True, check=False, text=True
        )
        version = process.stdout.strip()
        if version and tuple(map(int, version.split("."))) >= (3, 9):
            by_version.setdefault(version, path)
    return sorted(by_version.values())


def run(
    bundle: Path,
    *arguments: object,
    python: str = sys.executable,
    stdin: bytes = b"",
    bare: bool = True,
    **environment: str,
) -> Result:
    """Run a bundle without packages and settings, or with packages, in this environment alone."""
    options = ["-I", "-S"] if bare else ["-I"]
    process = subprocess.run(
        [python, *options, bundle, *map(str, arguments)],
        env=environment,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=600,
    )
    return Result(process.returncode, process.stdout.decode(), process.stderr.decode())


def run_ok(bundle: Path, *arguments: object, **options: Any) -> str:
    """Run a bundle, assert exit code 0, and return its stdout."""
    result = run(bundle, *arguments, **options)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def idx(images: Bytes) -> bytes:
    """Return the content of an IDX file of images."""
    header = np.array([0x803, *images.shape], ">u4").tobytes()
    return header + images.tobytes()


def predictions(text: str) -> tuple[list[int], npt.NDArray[np.float64]]:
    """Return the labels and the probabilities in the output of --json."""
    rows = json.loads(text)
    return [row["label"] for row in rows], np.array([row["probabilities"] for row in rows])


def write_images(folder: Path) -> None:
    """Write a folder of images of several formats."""
    digits = sample_inputs.enlarged().reshape(-1, 28, 28)
    folder.mkdir()
    (folder / "drawn.png").write_bytes(stored(255 - enlarged(digits[3], 80)))
    (folder / "plain.pgm").write_bytes(stored(digits[4], "PPM"))
    (folder / "small.bmp").write_bytes(stored(enlarged(digits[5], 40), "BMP"))
    (folder / "blank.png").write_bytes(stored(np.zeros((9, 9))))
    (folder / "scan.jpg").write_bytes(stored(digits[6], "JPEG"))  # a bundle skips it
    (folder / "few-idx3-ubyte").write_bytes(idx(digits[:3]))
