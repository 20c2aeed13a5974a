"""Pairwise comparison of models with McNemar's test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zoo.analysis.compare import ComparisonItem, ModelSummary
from zoo.analysis.statistics import McNemar, holm, mcnemar
from zoo.config.dataset_info import Source
from zoo.data.dataset import Dataset, Values
from zoo.data.splits import Subset
from zoo.errors import ConfigError
from zoo.training import build
from zoo.training.build import splits as drawn
from zoo.training.model import Model

if TYPE_CHECKING:
    from zoo.config.entry import SplitName


@dataclass(frozen=True, eq=False)
class Difference:
    """A picture that one of two models reads right and the other does not."""

    index: int  # its row, counted from 0, in the pictures that the split was drawn from
    label: int
    first: int  # what the first one answers
    second: int
    image: Values  # (rows, columns)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two models on the same pictures, with McNemar's test."""

    first: ModelSummary
    second: ModelSummary
    split: str
    n: int
    right: tuple[int, int]  # how many each of them reads right
    test: McNemar
    corrected: float  # the exact p-value, after Holm, as one of so many pairs
    differences: tuple[Difference, ...]
    source: Source


def pairs(
    wanted: Sequence[tuple[ModelSummary, ModelSummary]], datasets: Mapping[str, Dataset]
) -> list[Pair]:
    """Return the tests of some pairs, corrected for their number."""
    tested = [_pair(first, second, datasets) for first, second in wanted]
    corrected = holm([found.test.exact for found in tested])
    return [
        replace(found, corrected=p_value) for found, p_value in zip(tested, corrected, strict=True)
    ]


def check_same_data(first: ComparisonItem, second: ComparisonItem) -> None:
    """Raise if two subjects can be no pair, because they read different data."""
    read = {one.entry.data.identity for one in (first, second)}
    if len(read) > 1:
        raise ConfigError(
            f"{first.name} and {second.name} read different data: "
            f"{' and '.join(sorted({one.entry.data.source.title for one in (first, second)}))}.",
            hint="A pair needs two models of the same data.",
        )


def _pair(first: ModelSummary, second: ModelSummary, datasets: Mapping[str, Dataset]) -> Pair:
    check_same_data(first.item, second.item)
    models = [_answering(one) for one in (first, second)]
    dataset = datasets.get(first.entry.data.identity)
    if dataset is None:
        raise ConfigError(
            f"{first.name} and {second.name} need {first.entry.data.source.title}, "
            "which is not at hand.",
            hint="`zoo data fetch mnist` brings it.",
        )
    split, part = _common(models, dataset)
    images, labels = part.images[part.rows], part.labels[part.rows]
    answers = [one.logits(images).argmax(axis=1) for one in models]
    right = [one == labels for one in answers]
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
                first=int(answers[0][row]),
                second=int(answers[1][row]),
                image=images[row].reshape(dataset.shape),
            )
            for row in np.flatnonzero(only_first | only_second)
        ),
        source=models[0].source,
    )


def _answering(standing: ModelSummary) -> Model:
    if standing.model is None:
        raise ConfigError(
            f"{standing.name} has no weights to answer with.",
            hint="--train trains it.",
        )
    return standing.model


def _common(models: Sequence[Model], dataset: Dataset) -> tuple[str, Subset]:
    """Return the pictures that both models were to be tested on: neither has learned from them."""
    for one in models:
        if one.facts.data != dataset.digest:
            raise ConfigError(
                f"{one.name} was trained on the data {one.facts.data[:12]}, and this is "
                f"{dataset.digest[:12]}: it may have learned some of these pictures."
            )
    parts = [build.subsets(drawn(one.facts.entry, dataset, seed=one.facts.seed)) for one in models]
    names: tuple[SplitName, ...] = ("test", "validation")
    for name in names:
        held = [several[name] for several in parts if name in several]
        if len(held) == len(models):
            rows = np.intersect1d(held[0].rows, held[1].rows)
            if len(rows):
                return name, Subset(held[0].images, held[0].labels, rows)
    raise ConfigError(f"{models[0].name} and {models[1].name} have no test pictures in common.")
