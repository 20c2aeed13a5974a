"""Metrics of predictions: accuracy, cross-entropy, confusion matrix, F1 and calibration."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, Labels
from zoo.nn.losses import SoftmaxCrossEntropy

BINS = 15

Counts = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Score:
    """The accuracy and the mean cross-entropy over n images."""

    n: int
    accuracy: float
    loss: float


def score(logits: Array, labels: Labels) -> Score:
    """Return the score of logits (n, classes) on labels (n,)."""
    return score_of_blocks([(logits, labels)], rows=len(labels), dtype=logits.dtype)


def score_of_blocks(
    blocks: Iterable[tuple[Array, Labels]], *, rows: int, dtype: npt.DTypeLike
) -> Score:
    """Return the score of blocks of logits (n, classes) and labels (n,) with this many rows."""
    losses, start, correct = np.empty(rows, dtype), 0, 0
    for logits, labels in blocks:
        loss = SoftmaxCrossEntropy(logits.shape[1], dtype=dtype)
        losses[start : start + len(labels)] = loss.forward(logits, labels)
        start += len(labels)
        correct += int(np.count_nonzero(logits.argmax(axis=1) == labels))
    return Score(rows, correct / rows, float(losses.mean(dtype=np.float64)))


def confusion(labels: Labels, predictions: Labels, *, classes: int) -> Counts:
    """Return the confusion matrix: counts of each class (row) predicted as each class (column)."""
    counts = np.bincount(labels * classes + predictions, minlength=classes**2)
    return counts.reshape(classes, classes)


@dataclass(frozen=True)
class ClassScore:
    """The metrics of one class; a ratio is 0 where `n` or `predicted` is 0."""

    label: int
    precision: float  # correct / predicted
    recall: float  # correct / n
    f1: float  # 2 precision recall / (precision + recall)
    n: int  # images of this class
    predicted: int  # images predicted as this class


def class_scores(counts: Counts) -> tuple[ClassScore, ...]:
    """Return precision, recall and F1 of each class of a confusion matrix."""
    columns = zip(counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0), strict=True)
    return tuple(
        ClassScore(
            label=label,
            precision=correct / max(predicted, 1),
            recall=correct / max(n, 1),
            f1=2 * correct / max(n + predicted, 1),  # 2PR / (P + R), with one division
            n=n,
            predicted=predicted,
        )
        for label, (correct, n, predicted) in enumerate(tuple(map(int, row)) for row in columns)
    )


@dataclass(frozen=True)
class Bin:
    """The predictions with low < largest probability <= high."""

    low: float
    high: float
    n: int
    confidence: float  # mean largest probability; 0 if n is 0
    accuracy: float  # 0 if n is 0


def calibration(probabilities: Array, labels: Labels) -> tuple[Bin, ...]:
    """Return confidence and accuracy in bins of equal width, from (n, classes) probabilities."""
    largest = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    index = np.searchsorted(edges[1:-1], largest)
    counts = np.bincount(index, minlength=BINS)
    confidences = np.bincount(index, weights=largest, minlength=BINS) / np.maximum(counts, 1)
    accuracies = np.bincount(index, weights=correct, minlength=BINS) / np.maximum(counts, 1)
    rows = zip(edges[:-1], edges[1:], confidences, accuracies, strict=True)
    return tuple(
        Bin(float(low), float(high), int(n), float(confidence), float(accuracy))
        for n, (low, high, confidence, accuracy) in zip(counts, rows, strict=True)
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error: the mean of |accuracy - confidence|.

    The mean over all predictions, in bins of equal width of the largest probability (Guo, Pleiss,
    Sun and Weinberger 2017).
    """
    n = sum(bin_.n for bin_ in bins)
    return math.fsum(bin_.n / n * abs(bin_.accuracy - bin_.confidence) for bin_ in bins)
