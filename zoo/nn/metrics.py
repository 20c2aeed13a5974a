"""How good answers are: formulas over logits, probabilities, answers and labels."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, Labels
from zoo.nn.losses import SoftmaxCrossEntropy

BINS = 15

Counts = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Score:
    """The accuracy and the mean cross-entropy over n pictures."""

    n: int
    accuracy: float
    loss: float


def score(logits: Array, labels: Labels) -> Score:
    """Return how well the largest logits fit the labels."""
    losses = SoftmaxCrossEntropy(logits.shape[1], dtype=logits.dtype).forward(logits, labels)
    return Score(
        n=len(labels),
        accuracy=float(np.mean(logits.argmax(axis=1) == labels)),
        loss=float(losses.mean(dtype=np.float64)),
    )


def confusion(labels: Labels, answers: Labels, *, classes: int) -> Counts:
    """Return how often each class (row) was answered as each class (column)."""
    counts = np.bincount(labels * classes + answers, minlength=classes**2)
    return counts.reshape(classes, classes)


@dataclass(frozen=True)
class ClassScore:
    """How one class fared; a share of nothing is 0, and `n` or `answered` says that it is one."""

    label: int
    precision: float  # of those that were answered as this class, the share that is
    recall: float  # of those that are this class, the share that was answered so
    f1: float  # 2 precision recall / (precision + recall)
    n: int  # pictures of this class
    answered: int  # pictures that were taken for it


def class_scores(counts: Counts) -> tuple[ClassScore, ...]:
    """Return precision, recall and F1 of each class of a confusion matrix."""
    found = zip(counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0), strict=True)
    return tuple(
        ClassScore(
            label=label,
            precision=right / max(answered, 1),
            recall=right / max(n, 1),
            f1=2 * right / max(n + answered, 1),  # the same, without dividing twice
            n=n,
            answered=answered,
        )
        for label, (right, n, answered) in enumerate(tuple(map(int, three)) for three in found)
    )


@dataclass(frozen=True)
class Bin:
    """The answers that were about as sure: low < largest probability <= high."""

    low: float
    high: float
    n: int
    confidence: float  # their mean largest probability; 0 where there are none
    accuracy: float  # the share of them that is right; 0 where there are none


def calibration(probabilities: Array, labels: Labels) -> tuple[Bin, ...]:
    """Return how often answers are right that are about as sure, in bins of equal width."""
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    place = np.searchsorted(edges[1:-1], sure)
    counts = np.bincount(place, minlength=BINS)
    confidences = np.bincount(place, weights=sure, minlength=BINS) / np.maximum(counts, 1)
    accuracies = np.bincount(place, weights=right, minlength=BINS) / np.maximum(counts, 1)
    rows = zip(edges[:-1], edges[1:], confidences, accuracies, strict=True)
    return tuple(
        Bin(float(low), float(high), int(n), float(confidence), float(accuracy))
        for n, (low, high, confidence, accuracy) in zip(counts, rows, strict=True)
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return the expected calibration error: the mean of |accuracy - confidence| over the answers.

    Guo, Pleiss, Sun and Weinberger (2017), over bins of equal width of the largest probability.
    """
    n = sum(one.n for one in bins)
    return math.fsum(one.n / n * abs(one.accuracy - one.confidence) for one in bins)
