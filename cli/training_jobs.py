"""Trainings that a command needs: those that are missing are made, with their progress."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zoo.parallel.engine import Engine
    from zoo.training.jobs import TrainingJob

    from .progress import TaskProgress


@dataclass(frozen=True)
class RunOptions:
    """Where trainings are made, and whether those that are there count."""

    engine: str | None
    jobs: int | None
    fresh: bool


def run_missing_jobs(
    wishes: Sequence[TrainingJob], runs: Path, work: RunOptions, *, told: str | None = None
) -> list[str]:
    """Make the trainings that are not there yet; return what became of those that failed.

    The accuracy that is told is that on the claim's split, if no other one is named.
    """
    from zoo.formatting import percent
    from zoo.parallel.worker import Failure
    from zoo.training import jobs as trainings

    done = set() if work.fresh else {one.key for one in trainings.finished_runs(runs)}
    missing = list({wish.key: wish for wish in wishes if wish.key not in done}.values())
    troubles = []
    with with_progress(missing, work, "trainings") as (engine, whole):
        made = trainings.run_jobs(missing, engine, runs=runs, clock=time.perf_counter)
        for wish, run in made:
            if isinstance(run, Failure):
                troubles.append(f"{wish.label} failed. {run.reason} {run.hint}".rstrip())
                whole.done(wish.cost, f"{wish.label} failed")
            else:
                facts = run.metadata
                split = told or facts["split"]
                words = f"{percent(facts['scores'][split]['accuracy'])} on {split}"
                whole.done(wish.cost, f"{wish.label}: {words}, {facts['seconds']:.2f} s")
    return troubles


@contextmanager
def with_progress(
    missing: Sequence[TrainingJob], work: RunOptions, name: str
) -> Iterator[tuple[Engine, TaskProgress]]:
    """Give an engine and the progress of so much work; nothing is started for none."""
    from .progress import TaskProgress

    effort = math.fsum(wish.cost for wish in missing)
    way_on = f"The same command{' without --fresh' if work.fresh else ''} goes on."
    chosen = options.resolve_engine(work.engine, work.jobs, tasks=len(missing))
    with (
        chosen as engine,
        TaskProgress(len(missing), effort, name, time.monotonic, way_on=way_on) as whole,
    ):
        yield engine, whole
