"""How good a model is on one split: every number that is shown of it, and its worst mistakes."""

import math
from dataclasses import dataclass

import numpy as np

from zoo.analysis.statistics import wilson
from zoo.config.dataset_info import Source
from zoo.config.entry import Claim, Verdict
from zoo.data.dataset import Dataset, Values
from zoo.data.splits import Subset, all_rows
from zoo.errors import ConfigError, DataError, ZooError
from zoo.nn.buffers import Array
from zoo.nn.losses import softmax
from zoo.nn.metrics import (
    Bin,
    ClassScore,
    Counts,
    Score,
    calibration,
    calibration_error,
    class_scores,
    confusion,
    score,
)
from zoo.training import build
from zoo.training.model import Classifier
from zoo.training.weights import WeightsMetadata

ALL = "all"  # the split of a model that nothing is known of, where the data has no test pictures


@dataclass(frozen=True, eq=False)
class Mistake:
    """A picture that was taken for another digit."""

    index: int  # its row, counted from 0, in the pictures that its split was drawn from
    label: int
    answer: int
    probabilities: Array  # of each class
    image: Values  # (rows, columns)

    @property
    def probability(self) -> float:
        """How sure the answer was."""
        return float(self.probabilities[self.answer])


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How answers fit the labels of n pictures; the surest of the wrong ones come first."""

    n: int
    accuracy: float
    low: float  # of the accuracy's 95 % interval
    high: float
    loss: float
    calibration: tuple[Bin, ...]
    per_class: tuple[ClassScore, ...]
    confusion: Counts  # rows are the truth, columns the answers
    mistakes: tuple[Mistake, ...]

    @property
    def calibration_error(self) -> float:
        """The mean gap between how sure the answers are and how often they are right."""
        return calibration_error(self.calibration)


@np.errstate(over="ignore", invalid="ignore")  # what is no number is noticed
def evaluate(answering: Classifier, part: Subset) -> Evaluation:
    """Return how good the model's answers are for some pictures."""
    images, labels = part.images[part.rows], part.labels[part.rows].astype(np.intp)
    classes = answering.source.classes
    logits = answering.logits(images)
    if logits.shape != (len(part), classes):
        raise ConfigError(
            f"{answering.name} answers {len(part):,} pictures with numbers of shape "
            f"{logits.shape}; {classes} classes were expected."
        )
    found = score(logits, labels)
    if not math.isfinite(found.loss):
        raise ZooError(f"{answering.name} answers with numbers that are not finite.")
    probabilities = softmax(logits.astype(np.float64))
    answers = logits.argmax(axis=1)
    counts = confusion(labels, answers, classes=classes)
    low, high = wilson(int(counts.trace()), found.n)
    wrong = np.flatnonzero(answers != labels)
    surest_first = wrong[np.lexsort((part.rows[wrong], -probabilities[wrong, answers[wrong]]))]
    return Evaluation(
        n=found.n,
        accuracy=found.accuracy,
        low=low,
        high=high,
        loss=found.loss,
        calibration=calibration(probabilities, labels),
        per_class=class_scores(counts),
        confusion=counts,
        mistakes=tuple(
            Mistake(
                index=int(part.rows[row]),
                label=int(labels[row]),
                answer=int(answers[row]),
                probabilities=probabilities[row],
                image=images[row].reshape(answering.source.shape),
            )
            for row in surest_first
        ),
    )


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """A model's evaluation on one of its splits, beside what was claimed and recorded of it."""

    name: str
    source: Source
    facts: WeightsMetadata | None
    split: str
    reason: str  # why this split, where none was asked for and there is no test
    data: str  # where the pictures come from
    digest: str  # of the data
    evaluation: Evaluation

    @property
    def is_its_data(self) -> bool:
        """Whether the model is known to be trained on this very data."""
        return self.facts is not None and self.facts.data == self.digest

    @property
    def recorded(self) -> Score | None:
        """What its training recorded for these pictures."""
        if self.facts is None or not self.is_its_data:
            return None
        return {str(name): known for name, known in self.facts.scores.items()}.get(self.split)

    @property
    def is_as_recorded(self) -> bool:
        """Whether as many answers are right as its training recorded."""
        return self.recorded is not None and self.recorded.accuracy == self.evaluation.accuracy

    @property
    def claim(self) -> Claim | None:
        """What its README promises, on whichever split."""
        return self.facts.entry.claim if self.facts else None

    @property
    def verdict(self) -> Verdict | None:
        """The claim judged; nothing, if it speaks of another split."""
        if self.claim is None or self.claim.split != self.split:
            return None
        return self.claim.verdict(self.evaluation.accuracy)

    def describe_mistake(self, mistake: Mistake) -> str:
        """Return what was taken for what, such as "7 read as 1, 98.2%"."""
        names = self.source.names
        return f"{names[mistake.label]} read as {names[mistake.answer]}, {mistake.probability:.1%}"

    def place(self, mistake: Mistake) -> str:
        """Return where a picture is found, such as "test picture 1234"."""
        split = "" if self.split == ALL else f"{self.split} "
        return f"{split}{self.source.noun} {mistake.index}"

    @property
    def warning(self) -> str | None:
        """Why the number may not be what it seems: these may be pictures that it has learned."""
        if self.facts is None or self.is_its_data:
            return None
        return (
            f"{self.name} was trained on the data {self.facts.data[:12]}, and this is "
            f"{self.digest[:12]}: it may have learned some of these pictures."
        )


def evaluate_model(
    answering: Classifier, dataset: Dataset, *, split: str | None = None
) -> EvaluationReport:
    """Return how good a model is on a split of its data: the test, where none is named."""
    facts = answering.facts
    parts = _parts(facts, dataset)
    if not parts:
        raise DataError(f"{dataset.source} has no labels to judge by.")
    chosen, reason = (split, "") if split else _default_split(facts, list(parts))
    if chosen not in parts:
        raise ConfigError(
            f"{answering.name} has no split named {chosen!r} in {dataset.source}.",
            hint=f"It has {' and '.join(parts)}.",
        )
    return EvaluationReport(
        name=answering.name,
        source=answering.source,
        facts=facts,
        split=chosen,
        reason=reason,
        data=dataset.source,
        digest=dataset.digest,
        evaluation=evaluate(answering, parts[chosen]),
    )


def _parts(facts: WeightsMetadata | None, dataset: Dataset) -> dict[str, Subset]:
    """Return the splits as they were drawn for the training, or what nobody can have drawn."""
    if facts:
        drawn = build.splits(facts.entry, dataset, seed=facts.seed)
        return {str(name): part for name, part in build.subsets(drawn).items()}
    test, everything = all_rows(dataset.test), all_rows(dataset.train)
    return {"test": test} if test else {ALL: everything} if everything else {}


def _default_split(facts: WeightsMetadata | None, names: list[str]) -> tuple[str, str]:
    """Return the split that is judged where none is named, and why if it is not the test."""
    if "test" in names:
        return "test", ""
    if facts is None:
        return names[0], "there is no test split, and it may have learned some of these"
    none = "there is no labelled test split"
    claim = facts.entry.claim
    if claim and claim.split in names:
        return claim.split, f"{none}, and the claim speaks of this one"
    if "validation" in names:
        return "validation", f"{none}, and the training watched this one"
    return names[0], none
