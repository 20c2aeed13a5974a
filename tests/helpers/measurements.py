"""Given measurements in the place of those of `zoo bench`."""

from dataclasses import replace

import pytest

from zoo.bench import commands, environment, run, scaling
from zoo.bench.commands import CommandComparison
from zoo.bench.run import BenchRow, MissingPeer
from zoo.bench.scaling import ScalingPoint

ROW = BenchRow(
    workload="W1",
    peer="torch-compile",
    version="2.13.0+cpu",
    seconds=138.65,
    zoo_seconds=0.0246,
    ratio=10.28,
    low=9.5,
    high=15.63,
    accuracy=0.95,
    zoo_accuracy=0.9503,
    difference=0.000012,
    differs=(),
    prepared=1.5,
    first=40.0,
    zoo_prepared=0.25,
    zoo_first=0.25,
)
NAIVE = replace(ROW, peer="naive", version="2.4", differs=("computes in float64",), ratio=2.0)
MISSING = MissingPeer(
    "W1", "onnxruntime", "it ended with exit code 1: ModuleNotFoundError: No module named 'x'"
)
TRAINING = CommandComparison(
    workload="mnist-10-decay",
    peer="sklearn",
    seconds=138.65,
    zoo_seconds=100.12,
    ratio=1.38,
    low=1.2,
    high=1.5,
    processor=138.5,
    zoo_processor=100.0,
    peak=1_427_000_000,
    zoo_peak=131_000_000,
)
START = replace(TRAINING, workload="zoo list", peer="import numpy, PIL.Image + import typer, rich")
POINTS = [ScalingPoint("seeds, two processes", at, 0.0246 * at) for at in (1, 2, 4, 8)]


def replace_measurements(patch: pytest.MonkeyPatch) -> None:
    """Replace the measurements by given ones."""
    machine = {
        "processor": "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz",
        "cores": 2,
        "python": "3.11.7",
        "numpy": "2.4.6",
        "blas": "openblas 0.3.31",
        "kernel": "SkylakeX",
    }
    patch.setattr(environment, "machine", lambda: machine)
    patch.setattr(run, "compare", lambda *_, rounds: iter([ROW, NAIVE, MISSING]))  # noqa: ARG005
    patch.setattr(commands, "starts", lambda *, rounds: iter([START]))  # noqa: ARG005
    patch.setattr(commands, "trainings", lambda *_, rounds: iter([TRAINING]))  # noqa: ARG005
    patch.setattr(scaling, "points", lambda *, rounds: POINTS)  # noqa: ARG005
