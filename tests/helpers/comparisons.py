"""Comparisons of short trainings, and their page."""

import time
from pathlib import Path
from typing import Any

from tests.helpers.entries import recipe
from zoo.analysis import compare
from zoo.analysis.compare import ComparisonItem, ModelSummary
from zoo.analysis.comparison import Comparison
from zoo.config.catalog import USER_FILE, CatalogEntry, read_catalog
from zoo.config.entry import Entry
from zoo.config.results import results_of
from zoo.data.digits import load_digits
from zoo.parallel.open_engine import open_engine
from zoo.report.comparison import html
from zoo.training import jobs
from zoo.training.jobs import TrainingJob

DIGITS = load_digits()
VERSIONS = {"zoo": "1.2", "numpy": "3.4", "blas": None}
TESTED = {
    "data": {"kind": "digits", "split": {"test": 360, "seed": 42}},
    "claim": {"value": 0.8, "split": "test", "tolerance": 0.05, "quote": "80 %"},
}


def page(summaries: list[ModelSummary], **more: Any) -> str:
    """Return the page of a comparison."""
    return html(
        Comparison(summaries, **more), mistakes=3, command="zoo compare a&b", versions=VERSIONS
    )


def ours() -> ModelSummary:
    listed = read_catalog().find("digits-10")
    recorded = results_of([listed.entry]).results["digits-10"]
    item = ComparisonItem("digits-10", listed)
    return compare.summarize_model(item, {}, recorded, DIGITS, seeds=None, clock=time.perf_counter)


def own(
    runs: Path, *seeds: int, entry: Entry | None = None, name: str = "digits-7"
) -> ModelSummary:
    entry = entry or recipe(TESTED)
    trainings = [
        TrainingJob(
            entry.model_copy(update={"train": entry.train.model_copy(update={"seed": seed})}),
            DIGITS.digest,
        )
        for seed in seeds
    ]
    with open_engine("serial", jobs=1) as engine:
        list(jobs.run_jobs(trainings, engine, runs=runs, clock=time.perf_counter))
    item = ComparisonItem(name, CatalogEntry(entry, {}, USER_FILE, Path(f"{name}.toml")))
    local = compare.group_by_recipe(jobs.finished_runs(runs))
    return compare.summarize_model(item, local, [], DIGITS, seeds=None, clock=time.perf_counter)
