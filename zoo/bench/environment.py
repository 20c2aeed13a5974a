"""Child processes with one thread and the BLAS kernels of a user's machine."""

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
    """Return the environment of a child: one thread, without a choice of BLAS kernels."""
    variables = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    return variables | dict.fromkeys(ONE_THREAD, "1")


def describe_module(module: str, *arguments: str) -> list[Any]:
    """Run a module of zoo in a child process; return its output, one JSON object per line."""
    child = subprocess.run(  # noqa: S603 - runs a module of zoo
        [sys.executable, "-P", "-m", module, *arguments],
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in child.stdout.splitlines()]
