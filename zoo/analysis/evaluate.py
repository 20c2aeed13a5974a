"""Evaluation of a model on one split: scores, calibration, confusion matrix and mistakes."""

import math
from dataclasses import dataclass

import numpy as np

from zoo.analysis.statistics import wilson
from zoo.config.dataset_info import Source
from zoo.config.entry import Claim, Verdict
from zoo.data.dataset import Dataset, Values
from zoo.data.splits import Subset
from zoo.errors import ConfigError, ZooError
from zoo.formatting import percent
from zoo.inference.model_splits import find_split, model_splits
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
from zoo.training.model import Classifier
from zoo.training.weights import WeightsMetadata


@dataclass(frozen=True, eq=False)
class Mistake:
    """An image that was misclassified."""

    number: int  # its place in its split, counted from 0: `zoo predict MODEL test:NUMBER`
    index: int  # its row, counted from 0, in the images that its split was drawn from
    label: int
    answer: int  # the predicted class
    probabilities: Array  # (classes,)
    image: Values  # (rows, columns)

    @property
    def probability(self) -> float:
        """The probability of the predicted class."""
        return float(self.probabilities[self.answer])


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The scores of predictions for n images; the most confident mistakes come first."""

    n: int
    accuracy: float
    low: float  # the ends of the accuracy's 95 % interval
    high: float
    loss: float
    calibration: tuple[Bin, ...]
    per_class: tuple[ClassScore, ...]
    confusion: Counts  # rows are the labels, columns the predictions
    mistakes: tuple[Mistake, ...]

    @property
    def calibration_error(self) -> float:
        """The mean gap between confidence and accuracy."""
        return calibration_error(self.calibration)


@np.errstate(over="ignore", invalid="ignore")  # checked for NaN below
def evaluate(model: Classifier, part: Subset) -> Evaluation:
    """Return the evaluation of the model's predictions for a subset."""
    images, labels = part.images[part.rows], part.labels[part.rows].astype(np.intp)
    classes = model.source.classes
    logits = model.logits(images)
    if logits.shape != (len(part), classes):
        raise ConfigError(
            f"{model.name} returns logits of shape {logits.shape}; expected {(len(part), classes)}."
        )
    scores = score(logits, labels)
    if not math.isfinite(scores.loss):
        raise ZooError(f"{model.name} returns NaN or infinite logits.")
    probabilities = softmax(logits.astype(np.float64))
    predictions = logits.argmax(axis=1)
    counts = confusion(labels, predictions, classes=classes)
    low, high = wilson(int(counts.trace()), scores.n)
    wrong = np.flatnonzero(predictions != labels)
    confidence = probabilities[wrong, predictions[wrong]]
    most_confident_first = wrong[np.lexsort((part.rows[wrong], -confidence))]
    return Evaluation(
        n=scores.n,
        accuracy=scores.accuracy,
        low=low,
        high=high,
        loss=scores.loss,
        calibration=calibration(probabilities, labels),
        per_class=class_scores(counts),
        confusion=counts,
        mistakes=tuple(
            Mistake(
                number=int(row),
                index=int(part.rows[row]),
                label=int(labels[row]),
                answer=int(predictions[row]),
                probabilities=probabilities[row],
                image=images[row].reshape(model.source.shape),
            )
            for row in most_confident_first
        ),
    )


@dataclass(frozen=True, eq=False)
class EvaluationReport:
    """A model's evaluation on one split, with its claim and its recorded score."""

    name: str
    source: Source
    facts: WeightsMetadata | None
    split: str
    reason: str  # why this split, if it is not the test split and was not requested
    data: str  # the source of the images
    digest: str  # the digest of the data
    evaluation: Evaluation

    @property
    def is_its_data(self) -> bool:
        """Whether the model was trained on this version of the data."""
        return self.facts is not None and self.facts.data == self.digest

    @property
    def recorded(self) -> Score | None:
        """The score that the training recorded for this split."""
        if self.facts is None or not self.is_its_data:
            return None
        return {str(name): recorded for name, recorded in self.facts.scores.items()}.get(self.split)

    @property
    def is_as_recorded(self) -> bool:
        """Whether the accuracy equals the recorded one."""
        return self.recorded is not None and self.recorded.accuracy == self.evaluation.accuracy

    @property
    def claim(self) -> Claim | None:
        """The claim of the model's original, on any split."""
        return self.facts.entry.claim if self.facts else None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on the claim; None if the claim is about another split."""
        if self.claim is None or self.claim.split != self.split:
            return None
        return self.claim.verdict(self.evaluation.accuracy)

    def class_rows(self) -> list[tuple[str, ...]]:
        """Return the texts of each class: name, examples, precision, recall, F1."""
        return [
            (
                self.source.names[scores.label],
                f"{scores.n:,}",
                percent(scores.precision, 1) if scores.predicted else "-",
                percent(scores.recall, 1) if scores.n else "-",
                percent(scores.f1, 1) if scores.n + scores.predicted else "-",
            )
            for scores in self.evaluation.per_class
        ]

    @property
    def class_columns(self) -> tuple[str, ...]:
        """The heads of the columns of `class_rows`."""
        return (self.source.label_noun, f"{self.source.noun}s", "precision", "recall", "F1")

    def describe_mistake(self, mistake: Mistake) -> str:
        """Return text such as "7 read as 1, 98.2%"."""
        names = self.source.names
        probability = percent(mistake.probability, 1)
        return f"{names[mistake.label]} read as {names[mistake.answer]}, {probability}"

    def example(self, mistake: Mistake) -> str:
        """Return the name that `zoo predict` has for the image, such as "test:1234"."""
        return f"{self.split}:{mistake.number}"

    @property
    def warning(self) -> str | None:
        """A warning if the model was trained on another version of the data."""
        if self.facts is None or self.is_its_data:
            return None
        return (
            f"{self.name} was trained on the data {self.facts.data[:12]}, and this is "
            f"{self.digest[:12]}: it may have been trained on some of these images."
        )


def evaluate_model(
    model: Classifier, dataset: Dataset, *, split: str | None = None
) -> EvaluationReport:
    """Return the evaluation of a model on a split of its data, by default the test split."""
    facts = model.facts
    splits = model_splits(model, dataset)
    name, reason = (split, "") if split else _default_split(facts, list(splits))
    subset = find_split(name, splits, model=model, data=dataset.source)
    return EvaluationReport(
        name=model.name,
        source=model.source,
        facts=facts,
        split=name,
        reason=reason,
        data=dataset.source,
        digest=dataset.digest,
        evaluation=evaluate(model, subset),
    )


def _default_split(facts: WeightsMetadata | None, names: list[str]) -> tuple[str, str]:
    """Return the default split, and the reason if it is not the test split."""
    if "test" in names:
        return "test", ""
    if facts is None:
        return names[0], "there is no test split, and it may have been trained on some of these"
    no_test = "there is no labelled test split"
    claim = facts.entry.claim
    if claim and claim.split in names:
        return claim.split, f"{no_test}, and the claim is about this one"
    if "validation" in names:
        return "validation", f"{no_test}, and the training monitored this one"
    return names[0], no_test
