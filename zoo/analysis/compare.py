"""The models of a comparison: entries and runs, with their results and evaluated weights."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import median

import numpy as np

from zoo.analysis.evaluate import EvaluationReport, evaluate_model
from zoo.analysis.statistics import Summary, summarize
from zoo.config import cache_key
from zoo.config.catalog import USER_FILE, Catalog, CatalogEntry, read_entry
from zoo.config.entry import Entry, SplitName, Verdict
from zoo.config.results import Result
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError
from zoo.training import build, model
from zoo.training.jobs import FinishedRun, median_run
from zoo.training.model import Model
from zoo.training.run import RUN_NAME, Run
from zoo.training.runs import find_run

LATENCY_IMAGES, LATENCY_ROUNDS = 1_000, 5

Clock = Callable[[], float]
# the finished runs by the digests of recipe and source code
LocalRuns = Mapping[tuple[str, str], Sequence[FinishedRun]]


@dataclass(frozen=True)
class ComparisonItem:
    """One item of a comparison: an entry with all its runs, or one run."""

    name: str
    listed: CatalogEntry
    run: Run | None = None
    changes: tuple[tuple[str, object], ...] = ()  # of the entry

    @cached_property
    def entry(self) -> Entry:
        """The item's entry."""
        return self.listed.with_changes(self.changes) if self.changes else self.listed.entry

    @property
    def identity(self) -> tuple[Path, bool]:
        """The item's file, and whether the item is one run; unique in a comparison."""
        return self.listed.path.resolve(), self.run is not None

    @property
    def split(self) -> SplitName:
        """The split of the comparison: the claim's, or else the last one that exists."""
        return self.entry.evaluation_split


def find(name: str, catalog: Catalog, *, runs: Path) -> ComparisonItem:
    """Return the item that an argument names: a TOML file, a run, or an entry."""
    path = Path(name)
    if path.suffix.lower() in {".safetensors", ".onnx"}:
        raise ConfigError(
            f"{name} is a model file; expected an entry, a run or a TOML file.",
            hint=f"Use `zoo evaluate {name}` for a model file.",
        )
    if path.suffix.lower() == ".toml":
        listed = read_entry(path)
        return ComparisonItem(listed.entry.name, listed)
    if RUN_NAME.fullmatch(path.name):
        run = find_run(runs, name)
        if run.metadata["status"] != "done":
            raise ConfigError(
                f"The training of {run.name} is not complete.",
                hint=f"Run `zoo resume {run.path}`.",
            )
        entry = run.entry
        raw = entry.model_dump(mode="json", exclude_none=True)
        path, text = run.path / "entry.toml", run.entry_text
        return ComparisonItem(run.name, CatalogEntry(entry, raw, USER_FILE, path, text), run)
    return ComparisonItem(name, catalog.find(name))


def in_folds(item: ComparisonItem, folds: int) -> ComparisonItem:
    """Return an item that is tested on each part of its data: with seed s, on part s."""
    changes = (("claim", None), ("data.split.test", None), ("data.split.folds", folds))
    return replace(item, changes=changes)


def distinct(items: Iterable[ComparisonItem]) -> list[ComparisonItem]:
    """Return each item once; files and runs that share a name are named by their paths."""
    unique: dict[tuple[Path, bool], ComparisonItem] = {}
    for item in items:
        unique.setdefault(item.identity, item)
    names = [item.name for item in unique.values()]
    return [
        replace(item, name=str(item.run.path if item.run else item.listed.path))
        if names.count(item.name) > 1 and item.listed.provider == USER_FILE
        else item
        for item in unique.values()
    ]


@dataclass(frozen=True, eq=False)
class ModelSummary:
    """The results of an item for each seed, and the evaluation of its weights."""

    item: ComparisonItem
    results: tuple[Result, ...]  # in the order of the seeds
    local_runs: tuple[FinishedRun, ...]  # the runs of those results that are in the run folder
    model: Model | None  # the shipped weights, or those of the median run
    evaluation: EvaluationReport | None  # the model's, on the item's split
    microseconds: float  # per image

    @property
    def name(self) -> str:
        """The item's name."""
        return self.item.name

    @property
    def entry(self) -> Entry:
        """The item's entry."""
        return self.item.entry

    @property
    def summary(self) -> Summary | None:
        """Mean, deviation and interval over the seeds."""
        return summarize([result.accuracy for result in self.results])

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on the claim by the mean over the seeds; None without claim or results."""
        claim, summary = self.entry.claim, self.summary
        return claim.verdict(summary.mean) if claim and summary else None

    @property
    def seconds(self) -> float | None:
        """The median training time of the local runs, or else of all results."""
        local = [run.record["seconds"] for run in self.local_runs]
        seconds = local or [result.seconds for result in self.results]
        return median(seconds) if seconds else None

    @property
    def recorded_accuracy(self) -> float | None:
        """The accuracy on the item's split that the model's training recorded."""
        if self.model is None or self.item.split not in self.model.facts.scores:
            return None
        return self.model.facts.scores[self.item.split].accuracy

    @property
    def size_bytes(self) -> int:
        """The size of the weights as float32."""
        return 4 * self.entry.parameters


def group_by_recipe(finished: Iterable[FinishedRun]) -> LocalRuns:
    """Return the runs by the digests of their recipe and of the code that trained them."""
    groups: dict[tuple[str, str], list[FinishedRun]] = {}
    for run in finished:
        if run.key:
            groups.setdefault((run.key.recipe, run.key.code), []).append(run)
    return groups


def summarize_model(
    item: ComparisonItem,
    local: LocalRuns,
    recorded: Sequence[Result],
    dataset: Dataset | None,
    *,
    seeds: Sequence[int] | None,
    clock: Clock,
) -> ModelSummary:
    """Return the summary of an item over these seeds, or over all.

    If a seed has both a local run and a recorded result, the local run counts. If the runs used
    several versions of the data, those on the given dataset count, or else those on the data of
    the shipped weights.
    """
    shipped = _shipped(item)
    local_runs = _local_runs(item, local)
    digest = _data_digest(dataset, shipped, recorded, local_runs)
    own = {run.record["seed"]: run for run in local_runs if run.record["data"]["digest"] == digest}
    results = {row.seed: row for row in recorded if row.data == digest and not item.run}
    results |= {seed: _result(item, run) for seed, run in own.items()}
    all_seeds = seeds is None or item.run is not None  # a run has only its own seed
    counted = sorted(results if all_seeds else results.keys() & set(seeds or ()))
    runs = tuple(own[seed] for seed in counted if seed in own)
    evaluated = shipped or (model.load_run(median_run(item.entry, runs).run) if runs else None)
    return ModelSummary(
        item=item,
        results=tuple(results[seed] for seed in counted),
        local_runs=runs,
        model=evaluated,
        evaluation=_evaluate(evaluated, dataset, item.split),
        microseconds=inference_latency(item.entry, clock),
    )


def _shipped(item: ComparisonItem) -> Model | None:
    if item.run or item.entry.weights is None:
        return None
    shipped = model.load_shipped(item.entry)
    # a TOML file may name the weights of the entry that it was copied from
    same_recipe = cache_key.recipe_digest(shipped.entry) == cache_key.recipe_digest(item.entry)
    return shipped if same_recipe else None


def _local_runs(item: ComparisonItem, local: LocalRuns) -> Sequence[FinishedRun]:
    """Return the local runs of an item, the oldest first."""
    if item.run:
        return [FinishedRun(item.run, item.run.metadata)]
    key = cache_key.recipe_digest(item.entry), cache_key.entry_source_digest(item.entry)
    return sorted(local.get(key, ()), key=lambda run: str(run.record["started"]))


def _data_digest(
    dataset: Dataset | None,
    shipped: Model | None,
    recorded: Sequence[Result],
    local_runs: Sequence[FinishedRun],
) -> str:
    """Return the digest of the data whose runs count."""
    digests = [run.record["data"]["digest"] for run in local_runs] + [row.data for row in recorded]
    if dataset and (dataset.digest in digests or not digests):
        return dataset.digest
    if shipped and shipped.facts.data in digests:
        return shipped.facts.data
    return str(digests[0]) if digests else ""


def _result(item: ComparisonItem, run: FinishedRun) -> Result:
    facts, score = run.record, run.score(item.split)
    versions = facts["versions"]
    return Result(
        entry=item.entry.name,
        seed=facts["seed"],
        split=item.split,
        accuracy=score["accuracy"],
        loss=score["loss"],
        seconds=facts["seconds"],
        fingerprint=facts["fingerprint"],
        versions=f"zoo {versions['zoo']}, python {versions['python']}, numpy {versions['numpy']}",
        data=facts["data"]["digest"],
        recipe=cache_key.recipe_digest(item.entry),
    )


def _evaluate(
    evaluated: Model | None, dataset: Dataset | None, split: str
) -> EvaluationReport | None:
    """Return the evaluation of a model, if it was trained on this version of the data."""
    if evaluated is None or dataset is None or evaluated.facts.data != dataset.digest:
        return None
    return evaluate_model(evaluated, dataset, split=split)


def inference_latency(entry: Entry, clock: Clock) -> float:
    """Return the microseconds per image in a batch of a thousand; the median of the rounds."""
    network = build.build_network(entry, np.random.default_rng(0))
    images = np.zeros((LATENCY_IMAGES, entry.data.features), np.uint8)
    network.logits(images)  # the first call allocates the buffers
    seconds = []
    for _ in range(LATENCY_ROUNDS):
        start = clock()
        network.logits(images)
        seconds.append(clock() - start)
    return 1e6 * median(seconds) / LATENCY_IMAGES
