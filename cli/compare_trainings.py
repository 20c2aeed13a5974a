"""The data and the trainings of `zoo compare`, by zoo and by other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formatting import count

from . import baseline_jobs, options, training_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.analysis.baselines import BaselineResult
    from zoo.analysis.compare import ComparisonItem
    from zoo.analysis.comparison import ComparisonRequest
    from zoo.data.dataset import Dataset
    from zoo.training.jobs import TrainingJob

    from .output.result import Result


def load_datasets(
    items: Sequence[ComparisonItem], path: Path | None, *, fetch: bool, offline: bool
) -> tuple[dict[str, Dataset], dict[str, str]]:
    """Return the available datasets, and why others are missing; `fetch` downloads them."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment
    from zoo.errors import ZooError
    from zoo.training.jobs import register_dataset

    datasets: dict[str, Dataset] = {}
    missing: dict[str, str] = {}
    configs = {item.entry.data.identity: item.entry.data for item in items}
    for identity, data in configs.items():
        try:
            if fetch:
                datasets[identity] = options.load_data(data, path, offline=offline)
            else:
                datasets[identity] = load(data, locations_from_environment(path, offline=True))
        except ZooError as error:
            if path and not path.exists():
                raise
            missing[identity] = str(error)
    for dataset in datasets.values():
        register_dataset(dataset)
    return datasets, missing


def jobs_of_models(
    request: ComparisonRequest,
    datasets: dict[str, Dataset],
    path: Path | None,
    *,
    include_missing: bool,
) -> dict[str, list[TrainingJob]]:
    """Return the trainings of each model; without data they have no run, or are left out."""
    jobs: dict[str, list[TrainingJob]] = {}
    for item in request.trainable:
        dataset = datasets.get(item.entry.data.identity)
        if dataset:
            _check_folds(item, dataset)
        seeds = request.seeds if dataset or include_missing else ()
        digest = dataset.digest if dataset else ""
        jobs[item.name] = training_jobs.jobs_of(
            item.listed, seeds, digest, path, changes=item.changes, command="compare"
        )
    return jobs


def _check_folds(item: ComparisonItem, dataset: Dataset) -> None:
    """Raise if there are fewer groups than parts, each of which is tested once."""
    from zoo.errors import ConfigError

    folds = item.entry.data.split.folds
    if not folds or dataset.groups is None:
        return
    groups = len(set(dataset.groups.tolist()))
    if groups < folds:
        raise ConfigError(
            f"{item.name} has {count(groups, 'group')}; --folds {folds} needs as many at least."
        )


def plan_result(
    request: ComparisonRequest,
    jobs_by_name: dict[str, list[TrainingJob]],
    run_options: training_jobs.RunOptions,
    missing_data: dict[str, str],
) -> Result:
    """Return the result of --dry-run."""
    from .output.plan import trainings_result

    jobs = [job for jobs in jobs_by_name.values() for job in jobs] if request.train else []
    trainings = training_jobs.planned(jobs, request.runs, run_options)
    peer_jobs = baseline_jobs.baseline_jobs(jobs_by_name, request.peers)
    trainings += baseline_jobs.planned(peer_jobs, request.runs, run_options)
    needed = [item.entry.data for item in request.trainable]
    return trainings_result(
        trainings, [data.source.title for data in needed if data.identity in missing_data]
    )


def train_missing(
    request: ComparisonRequest,
    jobs_by_name: dict[str, list[TrainingJob]],
    run_options: training_jobs.RunOptions,
    missing_data: dict[str, str],
) -> tuple[dict[str, list[BaselineResult]], list[str]]:
    """Train what is missing; return the results of other libraries, and all failures."""
    failures = [
        f"{item.name} could not be trained. {missing_data[item.entry.data.identity]}"
        for item in request.trainable
        if item.entry.data.identity in missing_data
    ]
    if request.train:
        jobs = [job for jobs in jobs_by_name.values() for job in jobs]
        failures += training_jobs.run_missing_jobs(jobs, request.runs, run_options)
    if not request.peers:
        return {}, failures
    peer_jobs = baseline_jobs.baseline_jobs(jobs_by_name, request.peers)
    results, more = baseline_jobs.run_baselines(peer_jobs, request.runs, run_options)
    return {name: results.get(name, []) for name in jobs_by_name}, failures + more
