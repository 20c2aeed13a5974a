"""What children are started with: the kernels a user's machine would choose, and one thread."""

import os

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
