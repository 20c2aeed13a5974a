"""Entries and runs held against each other: what each claims, what was reached, who is better."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from zoo.analysis.evaluate import EvaluationReport, evaluate_model
from zoo.analysis.statistics import Summary, summarize
from zoo.config import cache_key
from zoo.config.catalog import USER_FILE, Catalog, CatalogEntry, read_entry
from zoo.config.entry import Entry, SplitName, Verdict
from zoo.config.results import Result
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError
from zoo.formatting import setting
from zoo.training import build, model
from zoo.training import run as store
from zoo.training.jobs import FinishedRun, median_run
from zoo.training.model import Model
from zoo.training.run import Run

LATENCY_IMAGES, LATENCY_ROUNDS = 1_000, 5  # that are answered to measure the pace, and how often

Clock = Callable[[], float]
LocalRuns = Mapping[
    tuple[str, str], Sequence[FinishedRun]
]  # the finished runs of each recipe and code


@dataclass(frozen=True)
class ComparisonItem:
    """What is compared: an entry with all its trainings, or one run."""

    name: str
    listed: CatalogEntry
    run: Run | None = None

    @property
    def entry(self) -> Entry:
        """The entry that is compared."""
        return self.listed.entry

    @property
    def place(self) -> tuple[Path, bool]:
        """What tells it from every other: its file, and whether it is one run."""
        return self.listed.path.resolve(), self.run is not None

    @property
    def split(self) -> SplitName:
        """The split that counts: the claim's, or else the last that there is."""
        return self.entry.evaluation_split


def find(word: str, catalog: Catalog, *, runs: Path) -> ComparisonItem:
    """Return what a word names: a TOML file, a run, or an entry."""
    path = Path(word)
    if path.suffix.lower() in {".safetensors", ".onnx"}:
        raise ConfigError(
            f"{word} is a model without its trainings.",
            hint="compare takes names from `zoo list`, runs and TOML files; "
            "`zoo evaluate` judges a file alone.",
        )
    if path.suffix.lower() == ".toml":
        listed = read_entry(path)
        return ComparisonItem(listed.entry.name, listed)
    if store.RUN_NAME.fullmatch(path.name):
        run = store.find(runs, word)
        if run.metadata["status"] != "done":
            raise ConfigError(
                f"The training of {run.name} is not done.",
                hint=f"`zoo resume {run.path}` goes on with it.",
            )
        entry = run.entry
        raw = entry.model_dump(mode="json", exclude_none=True)
        return ComparisonItem(
            run.name, CatalogEntry(entry, raw, USER_FILE, run.path / "entry.toml"), run
        )
    return ComparisonItem(word, catalog.find(word))


def distinct(subjects: Iterable[ComparisonItem]) -> list[ComparisonItem]:
    """Return the subjects, each once, those of one name told apart by their files."""
    found: dict[tuple[Path, bool], ComparisonItem] = {}
    for subject in subjects:
        found.setdefault(subject.place, subject)
    names = [subject.name for subject in found.values()]
    return [
        replace(subject, name=str(subject.run.path if subject.run else subject.listed.path))
        if names.count(subject.name) > 1 and subject.listed.provider == USER_FILE
        else subject
        for subject in found.values()
    ]


@dataclass(frozen=True, eq=False)
class ModelSummary:
    """How a subject stands: its results seed by seed, and what it answers now."""

    item: ComparisonItem
    results: tuple[Result, ...]  # by seed
    local_runs: tuple[FinishedRun, ...]  # those of them that were trained here
    model: Model | None  # the one that answers for it: shipped, or the middle one of its runs
    evaluation: EvaluationReport | None  # what that reads just now on the split that counts
    microseconds: float  # a picture

    @property
    def name(self) -> str:
        """What its user knows it by."""
        return self.item.name

    @property
    def entry(self) -> Entry:
        """The entry that was trained."""
        return self.item.entry

    @property
    def summary(self) -> Summary | None:
        """Mean, deviation and interval over the seeds."""
        return summarize([result.accuracy for result in self.results])

    @property
    def verdict(self) -> Verdict | None:
        """The claim judged by the mean over the seeds; nothing without a claim or results."""
        claim, summary = self.entry.claim, self.summary
        return claim.verdict(summary.mean) if claim and summary else None

    @property
    def seconds(self) -> float | None:
        """How long a training takes: the median, of those here if there are any."""
        own = [done.record["seconds"] for done in self.local_runs]
        several = own or [one.seconds for one in self.results]
        return median(several) if several else None

    @property
    def recorded(self) -> float | None:
        """What the training of the answering model recorded on the split that counts."""
        if self.model is None or self.item.split not in self.model.facts.scores:
            return None
        return self.model.facts.scores[self.item.split].accuracy

    @property
    def bytes(self) -> int:
        """How much its weights are, as float32."""
        return 4 * self.entry.parameters


def by_recipe(finished: Iterable[FinishedRun]) -> LocalRuns:
    """Return the runs by what they asked for, and by the code that made them."""
    found: dict[tuple[str, str], list[FinishedRun]] = {}
    for done in finished:
        if done.key:
            found.setdefault((done.key.recipe, done.key.code), []).append(done)
    return found


def summarize_model(
    subject: ComparisonItem,
    local: LocalRuns,
    recorded: Sequence[Result],
    dataset: Dataset | None,
    *,
    seeds: Sequence[int] | None,
    clock: Clock,
) -> ModelSummary:
    """Return how a subject stands, on these seeds if they are named.

    A seed that was trained here and is on record too counts once, as it was trained here. Of
    trainings on several versions of the data, those on the one at hand count, or else those on that
    of the shipped weights.
    """
    shipped = _shipped(subject)
    trained = _trained(subject, local)
    wanted = _needs_evaluation(dataset, shipped, recorded, trained)
    own = {done.record["seed"]: done for done in trained if done.record["data"]["digest"] == wanted}
    found = {row.seed: row for row in recorded if row.data == wanted and not subject.run}
    found |= {seed: _result(subject, done) for seed, done in own.items()}
    every = seeds is None or subject.run is not None  # a run has the seed that it has
    chosen = sorted(found if every else found.keys() & set(seeds or ()))
    here = tuple(own[seed] for seed in chosen if seed in own)
    answering = shipped or (model.load_run(median_run(subject.entry, here).run) if here else None)
    return ModelSummary(
        item=subject,
        results=tuple(found[seed] for seed in chosen),
        local_runs=here,
        model=answering,
        evaluation=_evaluate(answering, dataset, subject.split),
        microseconds=inference_latency(subject.entry, clock),
    )


def _shipped(subject: ComparisonItem) -> Model | None:
    if subject.run or subject.entry.weights is None:
        return None
    found = model.load_shipped(subject.entry)
    # a file may name the weights of the entry that it was copied from
    return (
        found
        if cache_key.recipe_digest(found.entry) == cache_key.recipe_digest(subject.entry)
        else None
    )


def _trained(subject: ComparisonItem, local: LocalRuns) -> Sequence[FinishedRun]:
    """Return the runs that count for a subject, the oldest first."""
    if subject.run:
        return [FinishedRun(subject.run, subject.run.metadata)]
    made_so = cache_key.recipe_digest(subject.entry), cache_key.entry_source_digest(subject.entry)
    several = local.get(made_so, ())
    return sorted(several, key=lambda done: str(done.record["started"]))


def _needs_evaluation(
    dataset: Dataset | None,
    shipped: Model | None,
    recorded: Sequence[Result],
    trained: Sequence[FinishedRun],
) -> str:
    """Return the digest of the data whose trainings count."""
    known = [done.record["data"]["digest"] for done in trained] + [row.data for row in recorded]
    if dataset and (dataset.digest in known or not known):
        return dataset.digest
    if shipped and shipped.facts.data in known:
        return shipped.facts.data
    return str(known[0]) if known else ""


def _result(subject: ComparisonItem, done: FinishedRun) -> Result:
    facts, score = done.record, done.score(subject.split)
    versions = facts["versions"]
    return Result(
        entry=subject.entry.name,
        seed=facts["seed"],
        split=subject.split,
        accuracy=score["accuracy"],
        loss=score["loss"],
        seconds=facts["seconds"],
        fingerprint=facts["fingerprint"],
        versions=f"zoo {versions['zoo']}, python {versions['python']}, numpy {versions['numpy']}",
        data=facts["data"]["digest"],
        recipe=cache_key.recipe_digest(subject.entry),
    )


def _evaluate(
    answering: Model | None, dataset: Dataset | None, split: str
) -> EvaluationReport | None:
    """Return what a model reads now, if these are the pictures that it was to be judged by."""
    if answering is None or dataset is None or answering.facts.data != dataset.digest:
        return None
    return evaluate_model(answering, dataset, split=split)


def inference_latency(entry: Entry, clock: Clock) -> float:
    """Return the microseconds that a picture takes among a thousand, the median of some rounds."""
    network = build.build_network(entry, np.random.default_rng(0))
    images = np.zeros((LATENCY_IMAGES, entry.data.features), np.uint8)
    network.logits(images)  # the first time makes room
    spent = []
    for _ in range(LATENCY_ROUNDS):
        began = clock()
        network.logits(images)
        spent.append(clock() - began)
    return 1e6 * median(spent) / LATENCY_IMAGES


def differing_settings(standings: Sequence[ModelSummary]) -> dict[str, list[Any]]:
    """Return the keys whose values are not the same everywhere, with the value of each subject."""
    tables = [_flat(standing.entry) for standing in standings]
    names = list(dict.fromkeys(name for table in tables for name in table))
    values = {name: [table.get(name) for table in tables] for name in names}
    return {
        name: several
        for name, several in values.items()
        if any(value != several[0] for value in several)
    }


def _flat(entry: Entry) -> dict[str, Any]:
    """Return every key of the recipe; of a table what is not its default."""
    sections = {"data", "preprocess", "network", "train"}
    full = entry.model_dump(mode="json", include=sections)
    lean = entry.model_dump(mode="json", include=sections, exclude_defaults=True)
    found = {}
    for section, table in full.items():
        for key, value in table.items():
            if isinstance(value, dict):
                kind = {"kind": value["kind"]} if "kind" in value else {}
                value = kind | lean[section].get(key, {})  # noqa: PLW2901 - the same, but shorter
            found[f"{section}.{key}"] = value
    del found["train.seed"]
    return {key: value for key, value in found.items() if value is not None}


def describe_setting(value: Any) -> str:
    """Return a setting's value in words."""
    if isinstance(value, dict):
        rest = ", ".join(
            f"{name} {setting(option)}" for name, option in value.items() if name != "kind"
        )
        kind = str(value.get("kind", ""))
        return f"{kind} ({rest})" if kind and rest else kind or rest or "none"
    if isinstance(value, list):
        return ", ".join(map(describe_setting, value)) or "none"
    return "-" if value is None else setting(value)


def class_names(standings: Sequence[ModelSummary]) -> list[str]:
    """Return what the classes are called, as long as all agree; else their numbers."""
    sources = [one.entry.data.source for one in standings]
    longest = max(sources, key=lambda source: source.classes)
    alike = all(source.names == longest.names[: source.classes] for source in sources)
    return list(longest.names) if alike else list(map(str, range(longest.classes)))


def below_threshold(standings: Iterable[ModelSummary], least: float) -> list[str]:
    """Return a line for each that has not reached so much, or has nothing to show."""
    found = []
    for one in standings:
        summary = one.summary
        if summary is None:
            found.append(f"{one.name} has no results")
        elif summary.mean < least:
            found.append(f"{one.name} reaches {summary.mean:.4f}")
    return found
