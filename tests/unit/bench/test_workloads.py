"""The workloads of `zoo bench`: sizes, task folders, and the operations of a step."""

from pathlib import Path

import numpy as np

from zoo.bench import roofline
from zoo.bench.run import task_of
from zoo.bench.task import BenchTask
from zoo.bench.workloads import USUAL, WORKLOADS, Workload
from zoo.config.datasets import data_config
from zoo.data.load import load
from zoo.data.locations import locations_from_environment


def test_task_round_trip(tmp_path: Path) -> None:
    small = Workload("small", "an epoch in small batches", "digits", (12,), batch=64)
    task = task_of(small, load(data_config("digits"), locations_from_environment()))
    task.write(tmp_path)
    again = BenchTask.read(tmp_path)
    assert dict(again.facts) == dict(task.facts)
    for name in ("images", "labels", "test_images", "test_labels", "order"):
        assert np.array_equal(getattr(again, name), getattr(task, name))
    assert sorted(task.order[0]) == list(range(1437))
    assert again.inputs.max() == 1


def test_operations_of_a_step() -> None:
    forward = 2 * 64 * (785 * 128 + 129 * 10)
    d_input = 2 * 64 * 128 * 10
    assert roofline.operations(WORKLOADS["W4"].entry) == 2 * forward + d_input


def test_calls_of_a_step() -> None:
    training = roofline.training(WORKLOADS["W3"].entry)
    steps = iter(training)
    first, *others = (roofline.calls(steps) for _ in range(4))
    assert training.step == 4
    assert 30 < others[0] < first  # the first step also shuffles and allocates
    assert len(set(others)) == 1


def test_usual_workloads() -> None:
    shapes = [WORKLOADS[name].entry.architecture for name in USUAL]
    assert shapes == [
        "64-10-10",
        "784-10-10",
        "784-10-10",
        "784-128-10",
        "784-800-10",
        "784-128-10",
        "784-128-10",
    ]
