"""What children are started with: the kernels a user's machine would choose, and one thread."""

import json
import os
import subprocess
import sys
from typing import Any

ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # XLA's
    "PJRT_NPROC",
)


def environment() -> dict[str, str]:
    """Return the environment of a child: one thread, and nobody says which kernels."""
    kept = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    return kept | dict.fromkeys(ONE_THREAD, "1")


def describe_module(module: str, *words: str) -> list[Any]:
    """Return what one of our modules prints when it runs in a child, an object a line."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", module, *words],
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
