"""Versions of Python, NumPy and BLAS that a result depends on."""

import platform
from typing import Any

import numpy as np

from zoo import __version__


def environment_info() -> dict[str, Any]:
    """Return the versions that a result depends on, with the BLAS and its kernel."""
    from threadpoolctl import threadpool_info

    # SciPy brings a BLAS of its own, where a package has imported it
    found = [lib for lib in threadpool_info() if lib["user_api"] == "blas"]
    blas = next((lib for lib in found if "numpy" in lib["filepath"]), found[0] if found else None)
    return {
        "zoo": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas and f"{blas['internal_api']} {blas['version']}",
        "kernel": blas and blas.get("architecture"),
        "system": f"{platform.system()} {platform.machine()}",
    }
