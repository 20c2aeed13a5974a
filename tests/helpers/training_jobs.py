"""Trainings of the plainest entry with several seeds, by an engine."""

import time
from collections.abc import Mapping
from pathlib import Path

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.parallel.open import open_engine
from zoo.parallel.worker import Failure
from zoo.training import jobs
from zoo.training.jobs import TrainingJob
from zoo.training.run import Run

AUGMENT = [
    {"kind": "rotate", "degrees": 10},
    {"kind": "elastic", "alpha": 3, "sigma": 2},
    {"kind": "stroke", "share": 0.3},
]


def wishes(*seeds: int, **changes: object) -> list[TrainingJob]:
    """Return a training for each seed; of the changed keys, a dot is written `__`."""
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    return [TrainingJob(recipe({**dotted, "train.seed": seed}), digits().digest) for seed in seeds]


def made(
    several: list[TrainingJob], runs: Path, engine: str = "serial"
) -> dict[str, Run | Failure]:
    """Return what came of each training, by its name and in the order in which they ended."""
    with open_engine(engine, jobs=2) as chosen:
        found = jobs.run_jobs(several, chosen, runs=runs, clock=time.perf_counter)
        return {wish.label: run for wish, run in found}


def weights_of(found: Mapping[str, Run | Failure]) -> dict[str, bytes]:
    """Return the file of weights of each training that did not fail."""
    return {
        words: (run.path / "weights.safetensors").read_bytes()
        for words, run in found.items()
        if isinstance(run, Run)
    }
