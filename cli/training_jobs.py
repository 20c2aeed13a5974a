"""Training of the missing runs of a command, with a progress display."""

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

    from zoo.config.cache_key import TrainingKey
    from zoo.config.catalog import CatalogEntry
    from zoo.parallel.engine import Engine
    from zoo.training.jobs import FinishedRun, TrainingJob

    from .progress import TaskProgress


@dataclass(frozen=True)
class RunOptions:
    """The engine for trainings, and whether to ignore existing runs."""

    engine: str | None
    jobs: int | None
    retrain: bool


@dataclass(frozen=True)
class PlannedTraining:
    """A training that a command needs, and whether it exists already."""

    name: str
    seed: int
    exists: bool


def jobs_of(
    listed: CatalogEntry,
    seeds: Sequence[int],
    data_digest: str,
    data: Path | None,
    *,
    changes: Sequence[tuple[str, object]] = (),
    variant: str = "",
    for_choice: bool = False,
    command: str,
) -> list[TrainingJob]:
    """Return the training of an entry with each seed."""
    from zoo.training.jobs import TrainingJob

    path = data.resolve() if data else None
    entries = [listed.with_changes([*changes, ("train.seed", seed)]) for seed in seeds]
    return [
        TrainingJob(
            entry,
            data_digest,
            path,
            options.changes_to(listed, entry, changes),
            variant=variant,
            text=listed.text,
            for_choice=for_choice,
            command=command,
        )
        for entry in entries
    ]


def planned(
    jobs: Sequence[TrainingJob], runs: Path, run_options: RunOptions
) -> list[PlannedTraining]:
    """Return all trainings, each with whether its run exists."""
    missing = {job.key for job in _missing(jobs, runs, run_options)}
    return [
        PlannedTraining(
            " ".join(filter(None, (job.entry.name, job.variant))),
            job.entry.train.seed,
            exists=job.key not in missing,
        )
        for job in jobs
    ]


def runs_for(jobs: Sequence[TrainingJob], runs: Path) -> dict[TrainingKey, FinishedRun]:
    """Return the finished runs that may be those of jobs: the user's own, and those of commands."""
    from zoo.training.jobs import finished_runs, folder_of

    folders = [runs]
    for job in jobs:
        folders += [folder_of(runs, command, job.entry) for command in ("compare", job.command)]
    found = finished_runs(*dict.fromkeys(folders))
    return {run.key: run for run in found if run.key}


def _missing(jobs: Sequence[TrainingJob], runs: Path, run_options: RunOptions) -> list[TrainingJob]:
    """Return the jobs that have no run yet, each once."""
    finished = () if run_options.retrain else runs_for(jobs, runs)
    return list({job.key: job for job in jobs if job.key not in finished}.values())


def run_missing_jobs(jobs: Sequence[TrainingJob], runs: Path, run_options: RunOptions) -> list[str]:
    """Train the jobs that have no run yet; return a message for each failure."""
    from zoo.formatting import duration, percent
    from zoo.parallel.worker import Failure
    from zoo.training.jobs import run_jobs

    missing = _missing(jobs, runs, run_options)
    failures = []
    with with_progress(missing, run_options, "trainings") as (engine, progress):
        results = run_jobs(missing, engine, runs=runs, clock=time.perf_counter)
        for job, run in results:
            if isinstance(run, Failure):
                failures.append(f"{job.label} failed. {run.reason} {run.hint}".rstrip())
                progress.done(job.cost, f"{job.label} failed")
            else:
                facts = run.metadata
                result = f"{percent(facts['accuracy'])} on {facts['split']}"
                progress.done(job.cost, f"{job.label}: {result}, {duration(facts['seconds'])}")
    return failures


@contextmanager
def with_progress(
    missing: Sequence[TrainingJob], run_options: RunOptions, name: str
) -> Iterator[tuple[Engine, TaskProgress]]:
    """Return a context manager with the engine and the progress; serial if nothing is missing."""
    from .progress import TaskProgress

    cost = math.fsum(job.cost for job in missing)
    without = " without --retrain" if run_options.retrain else ""
    again = f"Run the same command again{without} to continue."
    opened = options.resolve_engine(run_options.engine, run_options.jobs, tasks=len(missing))
    with (
        opened as engine,
        TaskProgress(len(missing), cost, name, time.monotonic, hint=again) as progress,
    ):
        yield engine, progress
