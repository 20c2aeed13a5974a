"""The versions of Python, NumPy and BLAS that a result depends on."""

import platform
from typing import Any

import numpy as np

from zoo import __version__


def environment_info() -> dict[str, Any]:
    """Return the versions, the BLAS with its kernel, and the system, as run.json has them."""
    from threadpoolctl import threadpool_info

    # SciPy loads a second BLAS if a package imports it
    libraries = [lib for lib in threadpool_info() if lib["user_api"] == "blas"]
    numpy_blas = (lib for lib in libraries if "numpy" in lib["filepath"])
    blas = next(numpy_blas, libraries[0] if libraries else None)
    return {
        "zoo": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas and f"{blas['internal_api']} {blas['version']}",
        "kernel": blas and blas.get("architecture"),
        "system": f"{platform.system()} {platform.machine()}",
    }
