"""Jobs of the simplest entry with several seeds, run by an engine."""

import time
from collections.abc import Mapping
from pathlib import Path

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.parallel.open_engine import open_engine
from zoo.parallel.worker import Failure
from zoo.training import jobs
from zoo.training.jobs import TrainingJob
from zoo.training.run import Run

AUGMENT = [
    {"kind": "rotate", "degrees": 10},
    {"kind": "elastic", "alpha": 3, "sigma": 2},
    {"kind": "stroke", "share": 0.3},
]


def digits_jobs(*seeds: int, **changes: object) -> list[TrainingJob]:
    """Return a job for each seed; `__` is a dot in the key of a change."""
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    return [TrainingJob(recipe({**dotted, "train.seed": seed}), digits().digest) for seed in seeds]


def run_all(
    training_jobs: list[TrainingJob], runs: Path, engine: str = "serial"
) -> dict[str, Run | Failure]:
    """Return the run or failure of each job by its label, in the order in which they finished."""
    with open_engine(engine, jobs=2) as opened:
        results = jobs.run_jobs(training_jobs, opened, runs=runs, clock=time.perf_counter)
        return {job.label: result for job, result in results}


def weights_of(results: Mapping[str, Run | Failure]) -> dict[str, bytes]:
    """Return the weights file of each job that did not fail."""
    return {
        label: (run.path / "weights.safetensors").read_bytes()
        for label, run in results.items()
        if isinstance(run, Run)
    }
