"""A comparison of several models: the request, and its result."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from zoo.analysis.baselines import BaselineResult
from zoo.analysis.compare import (
    Clock,
    ComparisonItem,
    ModelSummary,
    group_by_recipe,
    summarize_model,
)
from zoo.analysis.pairwise import Pair, pairs
from zoo.config import results
from zoo.config.entry_paths import natural_sort_key
from zoo.data.dataset import Dataset
from zoo.formatting import percent
from zoo.training.jobs import finished_runs, folder_of

Column = Literal["name", "claim", "accuracy", "verdict", "parameters", "seconds", "speed"]
VERDICTS = ("beaten", "reproduced", "missed")  # the best first


@dataclass(frozen=True)
class ComparisonRequest:
    """The models to compare, the seeds that count, and what is trained."""

    items: Sequence[ComparisonItem]
    couples: Sequence[tuple[ComparisonItem, ComparisonItem]]  # to test on the same images
    runs: Path
    seeds: Sequence[int]
    all_seeds: bool  # models that are not trained count with all seeds that have a result
    train: bool  # the missing seeds
    peers: Sequence[str]  # the other libraries that train the same recipes
    skipped: Collection[str]  # the models that are not trained
    sort: Column | None

    @property
    def trainable(self) -> list[ComparisonItem]:
        """The models that zoo or another library trains."""
        is_trained = self.train or self.peers
        return [item for item in self.items if is_trained and item.name not in self.skipped]

    def trains(self, item: ComparisonItem) -> bool:
        """Whether zoo trains the missing seeds of a model."""
        return self.train and item.name not in self.skipped


@dataclass(frozen=True)
class Comparison:
    """The summaries of all models, and the tests of the pairs."""

    summaries: Sequence[ModelSummary]
    pairs: Sequence[Pair] = ()
    # the same recipes in other libraries, by the name of the model
    baselines: Mapping[str, Sequence[BaselineResult]] = field(default_factory=dict)
    missing_data: Mapping[str, str] = field(default_factory=dict)  # dataset: reason, or nothing
    warnings: Sequence[str] = ()


def compare_models(
    request: ComparisonRequest,
    datasets: Mapping[str, Dataset],
    *,
    baselines: Mapping[str, Sequence[BaselineResult]],
    missing_data: Mapping[str, str],
    clock: Clock,
) -> Comparison:
    """Return the comparison, from the finished runs and the recorded results."""
    folders = [folder_of(request.runs, "compare", item.entry) for item in request.items]
    local_runs = group_by_recipe(finished_runs(request.runs, *dict.fromkeys(folders)))
    recorded = results.results_of(item.entry for item in request.items if not item.run)
    summaries = []
    for item in request.items:
        is_trained = request.trains(item)
        summary = summarize_model(
            item,
            local_runs,
            [] if is_trained else recorded.results.get(item.entry.name, []),
            datasets.get(item.entry.data.identity),
            seeds=request.seeds if is_trained or not request.all_seeds else None,
            clock=clock,
        )
        summaries.append(summary)
    by_identity = {summary.item.identity: summary for summary in summaries}
    couples = [
        (by_identity[first.identity], by_identity[second.identity])
        for first, second in request.couples
    ]
    return Comparison(
        sorted_by(request.sort, summaries),
        pairs(couples, datasets),
        baselines,
        missing_data,
        recorded.problems,
    )


def sorted_by(column: Column | None, summaries: Sequence[ModelSummary]) -> list[ModelSummary]:
    """Return the summaries sorted by a column, the best first and missing values last."""
    keys: dict[Column, Callable[[ModelSummary], Any]] = {
        "name": lambda summary: natural_sort_key(summary.name),
        "claim": lambda summary: -summary.entry.claim.value if summary.entry.claim else None,
        "accuracy": lambda summary: -summary.summary.mean if summary.summary else None,
        "verdict": lambda summary: VERDICTS.index(summary.verdict) if summary.verdict else None,
        "parameters": lambda summary: summary.entry.parameters,
        "seconds": lambda summary: summary.seconds,
        "speed": lambda summary: summary.microseconds,
    }
    if column is None:
        return list(summaries)
    value = keys[column]
    present = [summary for summary in summaries if value(summary) is not None]
    return sorted(present, key=value) + [summary for summary in summaries if summary not in present]


def below_threshold(summaries: Sequence[ModelSummary], threshold: float) -> list[str]:
    """Return a line for each model whose mean accuracy is below `threshold` or unknown."""
    lines = []
    for model_summary in summaries:
        accuracies = model_summary.summary
        if accuracies is None:
            lines.append(f"{model_summary.name} has no results")
        elif accuracies.mean < threshold:
            lines.append(f"{model_summary.name} reaches {percent(accuracies.mean, 2)}")
    return lines
