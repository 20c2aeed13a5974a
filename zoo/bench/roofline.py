"""Roofline: arithmetic per second compared with the processor's peak, and calls per step.

`python -m zoo.bench.roofline ROUNDS` is the child that measures: it prints a JSON object per
workload.
"""

import json
import opcode
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median
from types import FrameType
from typing import Any

import numpy as np

from zoo.bench import synthetic
from zoo.bench.environment import describe_module
from zoo.bench.workloads import WORKLOADS
from zoo.config.entry import Entry
from zoo.config.layers import Dense
from zoo.training.loop import Training

NAMES = ("W1", "W2", "W3", "W4", "W5")
SIDE = 1500  # the side of the square matrices whose product measures the peak
STEPS, ROWS = 200, 200_000  # per round, at most
CALLS = {
    code for name, code in opcode.opmap.items() if name in {"CALL", "CALL_FUNCTION_EX", "CALL_KW"}
}


@dataclass(frozen=True)
class Limit:
    """The operations, time and calls of a training step, and the processor's peak."""

    workload: str
    operations: int  # multiplications and additions in products of matrices
    seconds: float
    peak: float  # operations per second of a large product; the median of the rounds
    calls: int  # calls of Python and NumPy functions

    @property
    def speed(self) -> float:
        """Operations per second."""
        return self.operations / self.seconds


def limits(*, rounds: int) -> list[Limit]:
    """Return the limits of all workloads, measured in a child process."""
    return [Limit(**facts) for facts in describe_module("zoo.bench.roofline", str(rounds))]


def operations(entry: Entry) -> int:
    """Return the operations of a step's products: forward, d_input and d_weights."""
    rows = entry.train.batch or entry.data.train_rows
    dense = [spec for spec in entry.layers if isinstance(spec.layer, Dense)]
    forward = sum(2 * rows * spec.parameters for spec in dense)
    d_input = sum(2 * rows * spec.inputs * spec.outputs for spec in dense[1:])
    return 2 * forward + d_input  # d_weights has as many operations as forward


def training(entry: Entry) -> Training:
    """Return a training without end on random images, as many as the data has."""
    length = "iterations" if entry.train.iterations else "epochs"
    endless = entry.train.model_copy(update={length: 10**6})
    longer = entry.model_copy(update={"train": endless})
    return synthetic.training(longer, rows=entry.data.train_rows)


def calls(steps: Iterator[object]) -> int:
    """Return the number of call instructions in the bytecode of the next step."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            count += frame.f_code.co_code[frame.f_lasti] in CALLS
        return trace

    sys.settrace(trace)
    try:
        next(steps)
    finally:
        sys.settrace(None)
    return count


def main(rounds: int) -> None:
    """Measure all workloads in turn, round by round."""
    entries = {name: WORKLOADS[name].entry for name in NAMES}
    trainings = {name: training(entry) for name, entry in entries.items()}
    steps = {name: iter(trainings[name]) for name in NAMES}
    call_counts: dict[str, int] = {}
    for name in NAMES:
        next(steps[name])  # shuffles and allocates
        call_counts[name] = calls(steps[name])
    matrix = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    product = np.empty_like(matrix)
    np.dot(matrix, matrix, out=product)
    seconds: dict[str, list[float]] = {name: [] for name in ("peak", *NAMES)}
    for _ in range(rounds):
        start = time.perf_counter()
        np.dot(matrix, matrix, out=product)
        seconds["peak"].append(time.perf_counter() - start)
        for name in NAMES:
            count = min(STEPS, ROWS // trainings[name].batches.batch)
            start = time.perf_counter()
            for _ in range(count):
                next(steps[name])
            seconds[name].append((time.perf_counter() - start) / count)
    peak = 2 * SIDE**3 / median(seconds["peak"])
    for name, entry in entries.items():
        limit = Limit(name, operations(entry), median(seconds[name]), peak, call_counts[name])
        sys.stdout.write(f"{json.dumps(asdict(limit))}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
