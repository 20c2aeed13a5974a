"""Scaling: the time of an epoch over examples, units, depth, batch and seeds.

`python -m zoo.bench.scaling ROUNDS` is the child that measures: it prints a JSON object per point.
"""

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from zoo.bench import synthetic
from zoo.bench.environment import child_output
from zoo.config import load
from zoo.svg.axis import Axis
from zoo.svg.figure import Figure
from zoo.training.loop import Training

ROWS, UNITS, BATCH = 6400, 128, 64  # the values that a sweep does not change
SWEEPS = {
    "examples": (1600, 3200, 6400, 12_800, 25_600, 51_200),
    "hidden units": (8, 16, 32, 64, 128, 256, 512, 1024),
    "hidden layers": (1, 2, 3, 4, 6, 8),
    "batch": (4, 16, 64, 256, 1024, 4096),
    "seeds, two processes": (1, 2, 4, 8),  # two epochs per seed, with the generation of the data
}


@dataclass(frozen=True)
class ScalingPoint:
    """The seconds of an epoch at one value of a sweep; the median of the rounds."""

    sweep: str
    at: int  # the value
    seconds: float


def points(*, rounds: int) -> list[ScalingPoint]:
    """Return all points, measured in a child process."""
    return [ScalingPoint(**facts) for facts in child_output("-m", "zoo.bench.scaling", str(rounds))]


def slopes(
    measured: Sequence[ScalingPoint], sweep: str
) -> Iterator[tuple[ScalingPoint, ScalingPoint, float]]:
    """Yield neighbouring points with the exponent of the growth between them; 1 is linear."""
    for a, b in pairwise(point for point in measured if point.sweep == sweep):
        yield a, b, math.log(b.seconds / a.seconds) / math.log(b.at / a.at)


def epoch(sweep: str, at: int) -> float:
    """Return the seconds of the second epoch at one value; the first one warms up."""
    rows = at if sweep == "examples" else ROWS
    units = at if sweep == "hidden units" else UNITS
    depth = at if sweep == "hidden layers" else 1
    batch = at if sweep == "batch" else BATCH
    training = _training(rows, [units] * depth, batch)
    seconds, start = [], time.perf_counter()
    for _ in training:
        if training.step % training.batches.steps_per_epoch == 0:
            seconds.append(time.perf_counter() - start)
            start = time.perf_counter()
    return seconds[-1]


def _training(rows: int, hidden: list[int], batch: int) -> Training:
    raw = {
        "name": "growing",
        "summary": "On random images.",
        "data": "mnist",
        "preprocess": {"divide": 255},
        "network": {"hidden": hidden, "block": ["dense", "relu"]},
        "train": {"epochs": 2, "batch": batch, "rate": 0.01, "weights": "he"},
    }
    return synthetic.training(load.check(raw, where="the sweep"), rows=rows)


def _seeds(pool: ProcessPoolExecutor, count: int) -> float:
    start = time.perf_counter()
    for _ in pool.map(epoch, ["seeds"] * count, [0] * count):
        pass
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Measure every point in turn, round by round."""
    measured: dict[tuple[str, int], list[float]] = {}
    with ProcessPoolExecutor(2) as pool:
        _seeds(pool, 2)  # starts both processes
        for _ in range(rounds):
            for sweep, values in SWEEPS.items():
                for at in values:
                    seconds = _seeds(pool, at) if sweep.startswith("seeds") else epoch(sweep, at)
                    measured.setdefault((sweep, at), []).append(seconds)
    for (sweep, at), times in measured.items():
        point: dict[str, Any] = {"sweep": sweep, "at": at, "seconds": median(times)}
        sys.stdout.write(f"{json.dumps(point)}\n")


def svg(measured: Sequence[ScalingPoint]) -> str:
    """Return a figure with a logarithmic panel for each sweep; a dashed line is linear growth."""
    figure = Figure("The time of an epoch", columns=3)
    y = Axis.log_around((point.seconds for point in measured), "seconds")
    for sweep in dict.fromkeys(point.sweep for point in measured):
        in_sweep = [(point.at, point.seconds) for point in measured if point.sweep == sweep]
        (first, least), (last, most) = in_sweep[0], in_sweep[-1]
        x = Axis(first, last, sweep, is_log=True)
        panel = figure.panel(x, y, width=240, height=180)
        panel.line(in_sweep, "blue", "measured")
        panel.points(in_sweep, "blue")
        if most >= least:
            start = max(first, last * y.low / most)  # within the axes
            panel.segment((start, most * start / last), (last, most), "soft dashed", "linear")
    return figure.file("Seconds of an epoch against examples, units, layers, batch and seeds")


if __name__ == "__main__":
    main(int(sys.argv[1]))
