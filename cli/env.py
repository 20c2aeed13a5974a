"""`zoo env`: versions, machine, settings, folders, plugins and data."""

from __future__ import annotations

from . import options


def env(*, runs: options.RunsOption = options.RUNS) -> None:
    """Show versions, BLAS, folders and data, for an issue."""
    from zoo.env import environment

    from .output.env import env_result
    from .output.result import write

    write(env_result(environment(runs)))
