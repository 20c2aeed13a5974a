"""How near the core comes to what its processor can do: arithmetic a second, and calls a step.

`python -m zoo.bench.roofline ROUNDS` is the child that measures: an object a line, each a workload.
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
SIDE = 1500  # of the square matrices whose product shows what the processor can do
STEPS, ROWS = 200, 200_000  # of a round, at most
CALLS = {
    code for name, code in opcode.opmap.items() if name in {"CALL", "CALL_FUNCTION_EX", "CALL_KW"}
}


@dataclass(frozen=True)
class Limit:
    """A step of a workload: what it computes, how long it takes, what the processor could do."""

    workload: str
    operations: int  # multiplications and additions in products of matrices
    seconds: float
    peak: float  # operations a second in a large product, the median of the rounds
    calls: int  # of functions, Python's and NumPy's

    @property
    def speed(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds


def limits(*, rounds: int) -> list[Limit]:
    """Return the limits of all workloads, measured in a child."""
    return [Limit(**facts) for facts in describe_module("zoo.bench.roofline", str(rounds))]


def operations(entry: Entry) -> int:
    """Return the operations of a step's products: up, down, and the gradient of the weights."""
    rows = entry.train.batch or entry.data.train_rows
    dense = [one for one in entry.layers if isinstance(one.layer, Dense)]
    up = sum(2 * rows * one.parameters for one in dense)
    down = sum(2 * rows * one.inputs * one.outputs for one in dense[1:])
    return 2 * up + down


def training(entry: Entry) -> Training:
    """Return an endless training on pictures of noise, as many as the data has."""
    length = "iterations" if entry.train.iterations else "epochs"
    endless = entry.train.model_copy(update={length: 10**6})
    longer = entry.model_copy(update={"train": endless})
    return synthetic.training(longer, rows=entry.data.train_rows)


def calls(steps: Iterator[object]) -> int:
    """Return how many calls the next step makes, in bytecode."""
    count = 0

    def look(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            count += frame.f_code.co_code[frame.f_lasti] in CALLS
        return look

    sys.settrace(look)
    try:
        next(steps)
    finally:
        sys.settrace(None)
    return count


def main(rounds: int) -> None:
    """Measure all workloads in turn, round by round."""
    entries = {name: WORKLOADS[name].entry for name in NAMES}
    running = {name: training(entry) for name, entry in entries.items()}
    steps = {name: iter(one) for name, one in running.items()}
    made: dict[str, int] = {}
    for name in NAMES:
        next(steps[name])  # which draws the order and takes memory
        made[name] = calls(steps[name])
    one = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    product = np.empty_like(one)
    np.dot(one, one, out=product)
    taken: dict[str, list[float]] = {name: [] for name in ("peak", *NAMES)}
    for _ in range(rounds):
        began = time.perf_counter()
        np.dot(one, one, out=product)
        taken["peak"].append(time.perf_counter() - began)
        for name in NAMES:
            count = min(STEPS, ROWS // running[name].plan.batch)
            began = time.perf_counter()
            for _ in range(count):
                next(steps[name])
            taken[name].append((time.perf_counter() - began) / count)
    peak = 2 * SIDE**3 / median(taken["peak"])
    for name, entry in entries.items():
        limit = Limit(name, operations(entry), median(taken[name]), peak, made[name])
        sys.stdout.write(f"{json.dumps(asdict(limit))}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
