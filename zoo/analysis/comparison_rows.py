"""The texts of a comparison, for the terminal and the HTML page alike."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from statistics import median

from zoo.analysis.baselines import BaselineResult
from zoo.analysis.compare import ModelSummary
from zoo.analysis.comparison import Comparison
from zoo.analysis.learning_curves import Curve
from zoo.analysis.pairwise import Pair
from zoo.analysis.settings import describe_setting, differing_settings
from zoo.analysis.statistics import ALPHA, interval_words, mean_words, significance, summarize
from zoo.formatting import (
    count,
    duration,
    number,
    p_value,
    percent,
    percent_range,
    size,
    verdict_words,
)

Cells = tuple[str, ...]
NONE = "-"
COLUMNS = (
    *("model", "network", "params", "claim", "on", "reproduced", "95% interval", "seeds"),
    *("verdict", "weights' accuracy", "training", "µs/image", "size"),
)
NUMBERS = ("params", "claim", "reproduced", "training", "µs/image", "size")  # such columns
LEGEND = (
    "reproduced: mean ± deviation over the seeds, and the 95% interval of the mean, on the "
    "claim's split; recorded with the model, or trained on this machine (here)."
)
CHECKED = (
    "checked: the shipped weights, or those of your median run by validation (else training) "
    "accuracy, were evaluated now."
)
FOLDS = "folds: each seed is one part of the rows, on which a training on the others is tested."
NOT_EVALUATED = "No model could be evaluated: its data or its weights are missing."
SAME_SETTINGS = "None: the recipes are the same."
BASELINE_COLUMNS = ("model", "by", "accuracy", "on", "training")


@dataclass(frozen=True)
class ModelRow:
    """The texts of a model, in the order of the columns."""

    name: str
    network: str
    parameters: str
    claim: str
    split: str
    reproduced: str
    interval: str
    seeds: str
    verdict: str
    weights: str
    training: str
    microseconds: str
    size: str

    @property
    def cells(self) -> Cells:
        """The texts of all columns."""
        return astuple(self)


def model_row(model: ModelSummary) -> ModelRow:
    """Return the texts of a model."""
    entry = model.entry
    return ModelRow(
        name=model.name,
        network=entry.architecture,
        parameters=entry.parameters_text,
        claim=percent(entry.claim.value) if entry.claim else NONE,
        split=model.item.split,
        reproduced=mean_words(model.summary),
        interval=interval_words(model.summary),
        seeds=seeds_words(model),
        verdict=verdict_words(model.verdict),
        weights=weights_words(model),
        training=NONE if model.seconds is None else duration(model.seconds),
        microseconds=number(model.microseconds, digits=2),
        size=size(model.size_bytes),
    )


def seeds_words(model: ModelSummary) -> str:
    """Return text such as "10 here, 10 recorded": the origin of the runs."""
    local, recorded = len(model.local_runs), len(model.results) - len(model.local_runs)
    counts = [f"{n:,} {where}" for n, where in ((local, "here"), (recorded, "recorded")) if n]
    return ", ".join(counts) or "none"


def weights_words(model: ModelSummary) -> str:
    """Return the accuracy of the weights, and whether it was evaluated now or is recorded."""
    recorded = model.recorded_accuracy
    if model.evaluation is None:
        return NONE if recorded is None else f"{percent(recorded, 2)} recorded"
    accuracy = model.evaluation.evaluation.accuracy
    differs = recorded is not None and recorded != accuracy
    also = f", {percent(recorded, 2)} recorded" if differs and recorded is not None else ""
    return f"{percent(accuracy, 2)} checked{also}"


def notes(comparison: Comparison) -> list[str]:
    """Return the explanation of the table, and the data that is missing."""
    models = comparison.summaries
    titles = {model.entry.data.identity: model.entry.data.source.title for model in models}
    lines = [LEGEND, *([CHECKED] if any(model.evaluation for model in models) else [])]
    if any(model.entry.data.split.folds for model in models):
        lines.append(FOLDS)
    if len(titles) > 1:
        lines.append("Accuracies compare only on the same data.")
    return lines + [
        f"not checked: {reason or f'{titles[kind]} is not on this machine.'}"
        for kind, reason in comparison.missing_data.items()
    ]


def setting_rows(models: Sequence[ModelSummary]) -> list[Cells]:
    """Return each setting that differs, with its value in each model."""
    differing = differing_settings([model.entry for model in models])
    return [(key, *map(describe_setting, values)) for key, values in differing.items()]


def class_rows(models: Sequence[ModelSummary]) -> list[Cells]:
    """Return each class with its recall and precision by each evaluated model."""
    evaluated = [(model, model.evaluation) for model in models if model.evaluation]
    rows = []
    for label, name in enumerate(_class_names([model for model, _ in evaluated])):
        cells = [name]
        for _, report in evaluated:
            scores = report.evaluation.per_class
            if label < len(scores):
                score = scores[label]
                cells.append(f"{percent(score.recall, 1)} {percent(score.precision, 1)}")
            else:
                cells.append(NONE)
        rows.append(tuple(cells))
    return rows


def _class_names(models: Sequence[ModelSummary]) -> list[str]:
    """Return the names of the classes if all sources agree on them; else their numbers."""
    sources = [model.entry.data.source for model in models]
    if not sources:
        return []
    longest = max(sources, key=lambda source: source.classes)
    agree = all(source.names == longest.names[: source.classes] for source in sources)
    return list(longest.names) if agree else list(map(str, range(longest.classes)))


def curve_words(curve: Curve) -> Cells:
    """Return the length of a learning curve, and its end."""
    last = curve.points[-1]
    length = f"{curve.split}, {count(last.number, curve.unit)}, {count(curve.seeds, 'seed')}"
    return length, f"ends at {percent(last.mean, 1)} ({percent_range(last.low, last.high, 1)})"


def pair_lines(pair: Pair, *, n_pairs: int) -> list[str]:
    """Return the images of a pair, McNemar's test, and its finding."""
    first, second, test, source = pair.first.name, pair.second.name, pair.test, pair.source
    both = pair.right[0] - test.only_first
    alone = f"only {first} {test.only_first:,}, only {second} {test.only_second:,}"
    corrected = f"; {p_value(pair.corrected)} as one of {n_pairs} pairs (Holm)"
    better = first if test.only_first > test.only_second else second
    finding = significance(pair.corrected)
    is_better = pair.corrected < ALPHA
    return [
        f"the same {count(pair.n, f'{pair.split} {source.noun}')} of {source.title}",
        f"both right {both:,}, {alone}, neither {pair.n - both - test.differ:,}",
        f"McNemar's test: {p_value(test.exact)} exact, {p_value(test.corrected)} by chi-squared"
        + (corrected if n_pairs > 1 else ""),
        f"{better} is better ({finding})." if is_better else f"The difference is {finding}.",
    ]


def baseline_rows(by_name: Mapping[str, Sequence[BaselineResult]]) -> list[Cells]:
    """Return the accuracy of each recipe in each of the other libraries."""
    rows: list[Cells] = []
    for name, results in by_name.items():
        for peer in dict.fromkeys(result.peer for result in results):
            own = [result for result in results if result.peer == peer]
            accuracy = f"{mean_words(summarize([result.accuracy for result in own]))} ({len(own)})"
            seconds = duration(median(result.seconds for result in own))
            rows.append((name, f"{peer} {own[0].version}", accuracy, own[0].split, seconds))
    return rows


def baseline_notes(by_name: Mapping[str, Sequence[BaselineResult]]) -> list[str]:
    """Return how the trainings of the other libraries differ from zoo's, each once."""
    results = [result for results in by_name.values() for result in results]
    phrases = (f"{result.peer}: {phrase}" for result in results for phrase in result.differs)
    return list(dict.fromkeys(phrases))
