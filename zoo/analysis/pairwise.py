"""Pairwise comparison of models on the same images, with McNemar's test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zoo.analysis.compare import ComparisonItem, ModelSummary
from zoo.analysis.statistics import McNemar, holm, mcnemar
from zoo.config.dataset_info import SOURCES, Source
from zoo.data.dataset import Dataset, Values
from zoo.data.splits import Subset
from zoo.errors import ConfigError
from zoo.training import build
from zoo.training.model import Model

if TYPE_CHECKING:
    from zoo.config.entry import SplitName


@dataclass(frozen=True, eq=False)
class Difference:
    """An image that exactly one of two models classifies correctly."""

    index: int  # its row, counted from 0, in the images that the split was drawn from
    label: int
    first: int  # the first model's prediction
    second: int
    image: Values  # (rows, columns)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two models on the same images, with McNemar's test."""

    first: ModelSummary
    second: ModelSummary
    split: str
    n: int
    right: tuple[int, int]  # the number of correct predictions of each
    test: McNemar
    corrected: float  # the exact p-value after Holm's correction for the number of pairs
    differences: tuple[Difference, ...]
    source: Source


def pairs(
    couples: Sequence[tuple[ModelSummary, ModelSummary]], datasets: Mapping[str, Dataset]
) -> list[Pair]:
    """Return McNemar's test of each couple, with p-values corrected for their number."""
    tested = [_pair(first, second, datasets) for first, second in couples]
    corrected = holm([pair.test.exact for pair in tested])
    return [
        replace(pair, corrected=p_value) for pair, p_value in zip(tested, corrected, strict=True)
    ]


def check_same_data(first: ComparisonItem, second: ComparisonItem) -> None:
    """Raise ConfigError if two items use different datasets."""
    sources = [item.entry.data for item in (first, second)]
    if sources[0].identity != sources[1].identity:
        raise ConfigError(
            f"{first.name} and {second.name} use different data: "
            f"{' and '.join(sorted({data.source.title for data in sources}))}.",
            hint="Choose two models of the same data.",
        )


def _pair(first: ModelSummary, second: ModelSummary, datasets: Mapping[str, Dataset]) -> Pair:
    check_same_data(first.item, second.item)
    models = [_model(summary) for summary in (first, second)]
    dataset = datasets.get(first.entry.data.identity)
    if dataset is None:
        source = first.entry.data.source
        raise ConfigError(
            f"{first.name} and {second.name} need {source.title}, which is not available.",
            hint=f"Run `{source.remedy}`." if source.name in SOURCES else "",
        )
    split, part = _common_subset(models, dataset)
    images, labels = part.images[part.rows], part.labels[part.rows]
    predictions = [model.logits(images).argmax(axis=1) for model in models]
    right = [predicted == labels for predicted in predictions]
    only_first, only_second = right[0] & ~right[1], right[1] & ~right[0]
    test = mcnemar(int(only_first.sum()), int(only_second.sum()))
    return Pair(
        first=first,
        second=second,
        split=split,
        n=len(part),
        right=(int(right[0].sum()), int(right[1].sum())),
        test=test,
        corrected=test.exact,
        differences=tuple(
            Difference(
                index=int(part.rows[row]),
                label=int(labels[row]),
                first=int(predictions[0][row]),
                second=int(predictions[1][row]),
                image=images[row].reshape(dataset.shape),
            )
            for row in np.flatnonzero(only_first | only_second)
        ),
        source=models[0].source,
    )


def _model(summary: ModelSummary) -> Model:
    if summary.model is None:
        raise ConfigError(f"{summary.name} does not have weights.", hint="Add --train.")
    return summary.model


def _common_subset(models: Sequence[Model], dataset: Dataset) -> tuple[str, Subset]:
    """Return the name and the rows of the held-out images that both models share."""
    for model in models:
        if model.facts.data != dataset.digest:
            raise ConfigError(
                f"{model.name} was trained on the data {model.facts.data[:12]}, and this is "
                f"{dataset.digest[:12]}: it may have been trained on some of these images."
            )
    parts = [
        build.subsets(build.splits(model.facts.entry, dataset, seed=model.facts.seed))
        for model in models
    ]
    names: tuple[SplitName, ...] = ("test", "validation")
    for name in names:
        held_out = [subsets[name] for subsets in parts if name in subsets]
        if len(held_out) == len(models):
            rows = np.intersect1d(held_out[0].rows, held_out[1].rows)
            if len(rows):
                return name, Subset(held_out[0].images, held_out[0].labels, rows)
    raise ConfigError(f"{models[0].name} and {models[1].name} have no test images in common.")
