"""How good answers are: formulas over logits and labels."""

from dataclasses import dataclass

import numpy as np

from zoo.nn.arrays import Array, Labels
from zoo.nn.losses import SoftmaxCrossEntropy


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
