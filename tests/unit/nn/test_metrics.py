"""Metrics against numbers worked out by hand and scikit-learn."""

import math

import numpy as np
import pytest

from zoo.nn.losses import softmax
from zoo.nn.metrics import (
    BINS,
    Bin,
    ClassScore,
    calibration,
    calibration_error,
    class_scores,
    confusion,
    score,
)

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTIONS = np.array([0, 0, 1, 1, 0, 1])  # 2 is never predicted, and there is no 3


def test_confusion_by_hand() -> None:
    """Rows are the labels and columns the predictions."""
    assert confusion(LABELS, PREDICTIONS, classes=4).tolist() == [
        [2, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
    ]


def test_class_scores_by_hand() -> None:
    """Classes that are absent or never predicted have scores of 0."""
    assert class_scores(confusion(LABELS, PREDICTIONS, classes=4)) == (
        ClassScore(0, precision=2 / 3, recall=2 / 3, f1=2 / 3, n=3, predicted=3),
        ClassScore(1, precision=1 / 3, recall=1 / 2, f1=2 / 5, n=2, predicted=3),
        ClassScore(2, precision=0.0, recall=0.0, f1=0.0, n=1, predicted=0),
        ClassScore(3, precision=0.0, recall=0.0, f1=0.0, n=0, predicted=0),
    )


def random_logits() -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are correct about two times in three, and their labels."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 9, 3000)  # no image is a 9
    logits = rng.normal(scale=2, size=(3000, 10)).astype(np.float32)
    logits[np.arange(3000), labels] += 4
    logits[:, 5] -= 15  # and 5 is never predicted
    return logits, labels


def test_class_scores_sklearn() -> None:
    """Confusion, precision, recall and F1 agree with scikit-learn."""
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    logits, labels = random_logits()
    predictions = logits.argmax(axis=1)
    counts = confusion(labels, predictions, classes=10)
    options = {"labels": range(10)}
    np.testing.assert_array_equal(counts, confusion_matrix(labels, predictions, **options))
    scores = class_scores(counts)
    expected = precision_recall_fscore_support(labels, predictions, **options, zero_division=0)
    columns = zip(*((row.precision, row.recall, row.f1, row.n) for row in scores), strict=True)
    for column, sklearn_column in zip(columns, expected, strict=True):
        np.testing.assert_allclose(column, sklearn_column, rtol=1e-12)
    assert (scores[5].predicted, scores[9].n) == (0, 0)


def test_score_loss_sklearn() -> None:
    from sklearn.metrics import log_loss

    logits, labels = random_logits()
    expected = log_loss(labels, softmax(logits.astype(np.float64)), labels=range(10))
    assert score(logits, labels).loss == pytest.approx(expected, rel=1e-5)


def test_calibration_error_by_hand() -> None:
    """The calibration error is the mean gap between confidence and accuracy."""
    # bins are 1/15 wide: 0.62 and 0.65 lie in the tenth (0.6 to 0.667), 0.9 in the fourteenth,
    # 1.0 in the last one; of 0.62 and 0.65 one is correct: their confidence is 13.5 % too high
    confidences = np.array([0.62, 0.65, 0.9, 1.0])
    probabilities = np.column_stack([confidences, 1 - confidences])
    bins = calibration(probabilities, np.array([0, 1, 0, 0]))
    assert [(index, bin_.n, bin_.accuracy) for index, bin_ in enumerate(bins) if bin_.n] == [
        (9, 2, 0.5),
        (13, 1, 1.0),
        (14, 1, 1.0),
    ]
    assert bins[9].confidence == pytest.approx(0.635)
    # two of four are off by 0.135, one by 0.1 and one by nothing
    assert calibration_error(bins) == pytest.approx(0.0925)


def test_calibration_bin_edges() -> None:
    """A bin holds its upper edge and not its lower one."""
    bins = calibration(np.array([[0.6, 0.4], [0.8, 0.2]]), np.array([0, 0]))
    assert [index for index, bin_ in enumerate(bins) if bin_.n] == [8, 11]
    assert bins[8].high == pytest.approx(0.6)
    assert bins[0] == Bin(0.0, 1 / 15, 0, 0.0, 0.0)
    assert bins[-1].high == 1.0


def test_calibration_sklearn() -> None:
    from sklearn.calibration import calibration_curve

    logits, labels = random_logits()
    probabilities = softmax(logits.astype(np.float64))
    correct = probabilities.argmax(axis=1) == labels
    accuracies, confidences = calibration_curve(correct, probabilities.max(axis=1), n_bins=BINS)
    filled = [bin_ for bin_ in calibration(probabilities, labels) if bin_.n]
    assert len(filled) > BINS / 2
    np.testing.assert_allclose([bin_.accuracy for bin_ in filled], accuracies)
    np.testing.assert_allclose([bin_.confidence for bin_ in filled], confidences)
    assert sum(bin_.n for bin_ in filled) == len(labels)


def test_calibration_error_of_certainty() -> None:
    """Full confidence has error 0 if always correct, and 0.9 if correct once in ten."""
    assert calibration_error(calibration(np.eye(10), np.arange(10))) == 0
    assert math.isclose(calibration_error(calibration(np.eye(10), np.full(10, 3))), 0.9)
