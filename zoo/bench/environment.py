"""Child processes with one thread and the BLAS kernels of a user's machine, and that machine."""

import json
import os
import subprocess
import sys
from typing import Any

from zoo.system.machine import processor

ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",  # XLA's
    "PJRT_NPROC",
)
MACHINE_SCRIPT = (
    "import json; from zoo.training.environment import environment_info as info; "
    "print(json.dumps(info()))"
)


def environment() -> dict[str, str]:
    """Return the environment of a child: one thread, without a choice of BLAS kernels."""
    variables = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    return variables | dict.fromkeys(ONE_THREAD, "1")


def child_output(*arguments: str) -> list[Any]:
    """Run Python with these arguments; return its output, one JSON object per line."""
    child = subprocess.run(  # noqa: S603 - runs code of zoo
        [sys.executable, "-P", *arguments],
        env=environment(),
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return [json.loads(line) for line in child.stdout.splitlines()]


def machine() -> dict[str, Any]:
    """Return the versions and the hardware, as a child process reports them."""
    (facts,) = child_output("-c", MACHINE_SCRIPT)
    return {**facts, "cores": os.cpu_count(), "processor": processor()}
