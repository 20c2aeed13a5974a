"""The workloads of `zoo bench`: sizes and task folders."""

from pathlib import Path

import numpy as np

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
