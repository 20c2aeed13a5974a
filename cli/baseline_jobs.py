"""Training of the same recipes in other libraries, with a progress display."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import terminal, training_jobs
from .training_jobs import PlannedTraining

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zoo.analysis.baselines import BaselineResult
    from zoo.analysis.baselines.jobs import BaselineJob
    from zoo.training.jobs import TrainingJob

    from .training_jobs import RunOptions

    Jobs = Mapping[str, Sequence[TrainingJob]]  # by the name of the model


def installed(requested: str | None) -> list[str]:
    """Return the libraries of --against that are installed, and warn about the others."""
    from zoo.analysis.baselines import is_not_installed

    peers = dict.fromkeys(peer.strip() for peer in (requested or "").split(",") if peer.strip())
    missing = {peer: reason for peer in peers if (reason := is_not_installed(peer))}
    terminal.warn(f"{reason} It was skipped." for reason in missing.values())
    return [peer for peer in peers if peer not in missing]


def baseline_jobs(jobs: Jobs, peers: Sequence[str]) -> list[tuple[str, BaselineJob]]:
    """Return the trainings by each library, with the name of the model; warn about the others."""
    from zoo.analysis.baselines import unsupported_reason
    from zoo.analysis.baselines.jobs import BaselineJob

    found = []
    for name, name_jobs in jobs.items():
        for peer in peers if name_jobs else ():
            if reason := unsupported_reason(peer, name_jobs[0].entry):
                terminal.warn([f"{name} is not trained by {peer}: {reason}"])
                continue
            found += [(name, BaselineJob(peer, job, time.perf_counter)) for job in name_jobs]
    return found


def planned(
    jobs: Sequence[tuple[str, BaselineJob]], runs: Path, run_options: RunOptions
) -> list[PlannedTraining]:
    """Return all trainings by other libraries, each with whether its result exists."""
    from zoo.analysis.baselines.jobs import cached_baseline

    return [
        PlannedTraining(
            f"{name} by {job.peer}",
            job.job.entry.train.seed,
            exists=not run_options.retrain and cached_baseline(job, runs) is not None,
        )
        for name, job in jobs
    ]


def run_baselines(
    jobs: Sequence[tuple[str, BaselineJob]], runs: Path, run_options: RunOptions
) -> tuple[dict[str, list[BaselineResult]], list[str]]:
    """Return the results by the name of the model, and a message for each failure."""
    from zoo.analysis.baselines.jobs import cached_baseline, train_baselines
    from zoo.formatting import duration, percent
    from zoo.parallel.worker import Failure

    results: dict[str, list[BaselineResult]] = {name: [] for name, _ in jobs}
    failures, missing = [], []
    for name, job in jobs:
        cached = None if run_options.retrain else cached_baseline(job, runs)
        if cached:
            results[name].append(cached)
        else:
            missing.append((name, job))
    with training_jobs.with_progress(
        [job.job for _, job in missing], run_options, "baseline trainings"
    ) as (engine, progress):
        for index, result in train_baselines([job for _, job in missing], engine, runs=runs):
            name, job = missing[index]
            label = f"{job.job.label} by {job.peer}"
            if isinstance(result, Failure):
                failures.append(f"{label} failed. {result.reason} {result.hint}".rstrip())
                progress.done(job.job.cost, f"{label} failed")
            else:
                results[name].append(result)
                score = f"{percent(result.accuracy)} on {result.split}"
                progress.done(job.job.cost, f"{label}: {score}, {duration(result.seconds)}")
    for model_results in results.values():
        model_results.sort(key=lambda result: (result.peer, result.seed))
    return results, failures
