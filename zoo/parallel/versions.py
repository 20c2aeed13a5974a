"""The versions that all workers must have in common with this process."""

import platform
from collections.abc import Mapping

import numpy as np

from zoo import __version__
from zoo.config import cache_key
from zoo.errors import ConfigError

Versions = Mapping[str, str]


class WorkerVersionError(ConfigError):
    """Raised when workers have other versions; their results would differ."""


def worker_versions() -> dict[str, str]:
    """Return the versions of this process."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "zoo": __version__,
        "zoo's code": cache_key.source_digest()[:12],
    }


def check_versions(workers: Mapping[str, Versions], required: Versions) -> None:
    """Raise with the differences of each worker that has other versions."""
    if lines := [
        f"{worker} has {_differences(versions, required)}"
        for worker, versions in workers.items()
        if versions != required
    ]:
        raise WorkerVersionError(
            "\n  ".join(["Some workers have other versions than this process:", *lines]),
            hint="Install the same versions on all workers.",
        )


def _differences(versions: Versions, required: Versions) -> str:
    return ", ".join(
        f"{name} {versions[name]} (expected {value})"
        for name, value in required.items()
        if name in versions and versions[name] != value
    )
