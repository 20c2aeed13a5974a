"""Scaling: the time of an epoch over examples, units, depth, batch and seeds.

`python -m zoo.bench.scaling ROUNDS` is the child that measures: it prints a JSON object per point.
"""

import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from zoo import formatting
from zoo.bench import synthetic
from zoo.bench.environment import describe_module
from zoo.config import load
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
    return [ScalingPoint(**facts) for facts in describe_module("zoo.bench.scaling", str(rounds))]


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


# --- the plot -----------------------------------------------------------------------------

SIDE, GAP, TOP = 150, 56, 40
STYLE = """
  text { font: 11px system-ui, sans-serif; fill: #57606a } .paper { fill: #ffffff }
  .title { font-size: 13px; font-weight: 600; fill: #1f2328 } .grid { stroke: #d8dee4 }
  polyline { fill: none; stroke: #0969da; stroke-width: 2 } circle { fill: #0969da }
  .linear { stroke: #57606a; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .paper { fill: #0d1117 } .title { fill: #f0f6fc }
    .grid { stroke: #30363d } polyline { stroke: #4493f8 } circle { fill: #4493f8 }
    .linear { stroke: #9198a1 }
  }
"""


def svg(measured: Sequence[ScalingPoint]) -> str:
    """Return a figure with a logarithmic panel for each sweep; a dashed line is linear growth."""
    sweeps = list(dict.fromkeys(point.sweep for point in measured))
    low = min(point.seconds for point in measured)
    high = max(point.seconds for point in measured)
    shapes: list[str] = []
    for number, sweep in enumerate(sweeps):
        in_sweep = [point for point in measured if point.sweep == sweep]
        shapes += _panel(in_sweep, GAP + number * (SIDE + GAP), low, high)
    wide, tall = GAP + len(sweeps) * (SIDE + GAP), TOP + SIDE + 36
    size = f'viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}"'
    title = "Seconds of an epoch against examples, units, layers, batch and seeds"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{title}</title>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{wide}" height="{tall}"/>',
            *shapes,
            "</svg>\n",
        ]
    )


def _panel(in_sweep: Sequence[ScalingPoint], left: float, low: float, high: float) -> Iterable[str]:
    first, last = in_sweep[0].at, in_sweep[-1].at

    def position(at: float, seconds: float) -> tuple[float, float]:
        across = math.log(at / first) / math.log(last / first)
        up = math.log(seconds / low) / math.log(high / low)
        return left + SIDE * across, TOP + SIDE * (1 - min(max(up, 0), 1))

    bottom = TOP + SIDE
    yield f'<text class="title" x="{left}" y="{TOP - 14}">{in_sweep[0].sweep}</text>'
    yield f'<path class="grid" fill="none" d="M{left} {TOP}V{bottom}H{left + SIDE}"/>'
    for seconds in (low, high):
        y = position(first, seconds)[1] + 4
        label = f"{formatting.number(seconds, digits=2)} s"
        yield f'<text x="{left - 5}" y="{y:.1f}" text-anchor="end">{label}</text>'
    for at in (first, last):
        x = position(at, low)[0]
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{at:,}</text>'
    if in_sweep[-1].seconds >= in_sweep[0].seconds:
        (x1, y1), (x2, y2) = (
            position(at, in_sweep[-1].seconds * at / last) for at in (first, last)
        )
        yield f'<line class="linear" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
    path = [position(point.at, point.seconds) for point in in_sweep]
    yield f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in path)}"/>'
    for x, y in path:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'


if __name__ == "__main__":
    main(int(sys.argv[1]))
