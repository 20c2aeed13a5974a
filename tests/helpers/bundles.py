"""Bundles as their users run them: another Python, nothing but the standard library."""

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


def run_ok(bundle: Path, *arguments: object, **options: Any) -> str:
    """Run a bundle, see that it ended well, and return its stdout."""
    finished = run(bundle, *arguments, **options)
    assert finished.exit_code == 0, finished.stderr
    return finished.stdout


def idx(images: Bytes) -> bytes:
    """Return pictures as an IDX file."""
    header = np.array([0x803, *images.shape], ">u4").tobytes()
    return header + images.tobytes()


def answers(text: str) -> tuple[list[int], npt.NDArray[np.float64]]:
    """Return the labels and the probabilities in what a bundle prints with --json."""
    found = json.loads(text)
    return [one["label"] for one in found], np.array([one["probabilities"] for one in found])


def write_images(folder: Path) -> None:
    """Make a folder of images as people make them."""
    digits = sample_inputs.enlarged().reshape(-1, 28, 28)
    folder.mkdir()
    (folder / "drawn.png").write_bytes(stored(255 - enlarged(digits[3], 80)))
    (folder / "plain.pgm").write_bytes(stored(digits[4], "PPM"))
    (folder / "small.bmp").write_bytes(stored(enlarged(digits[5], 40), "BMP"))
    (folder / "blank.png").write_bytes(stored(np.zeros((9, 9))))
    (folder / "scan.jpg").write_bytes(stored(digits[6], "JPEG"))  # which a bundle passes over
    (folder / "few-idx3-ubyte").write_bytes(idx(digits[:3]))
