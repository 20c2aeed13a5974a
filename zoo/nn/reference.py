"""A reference network in plain NumPy: one hidden layer, for readers and for tests.

It computes what `zoo.nn.network` computes, with the formulas of mnist-10-decay's original and
without anything that is there for speed. Examples are columns: X is (features, examples), Y is
(classes, examples) and one-hot.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]


def relu(z: Array) -> Array:
    """Return max(z, 0)."""
    return np.maximum(z, 0)


def softmax(z: Array) -> Array:
    """Return exp(z) / sum(exp(z)) of every column."""
    exp_z = np.exp(z - z.max(axis=0))
    p: Array = exp_z / exp_z.sum(axis=0)
    return p


@dataclass
class ReferenceNetwork:
    """Z1 = W1·X + b1, A1 = ReLU(Z1), Z2 = W2·A1 + b2, A2 = softmax(Z2)."""

    w1: Array  # (hidden, features)
    b1: Array  # (hidden, 1)
    w2: Array  # (classes, hidden)
    b2: Array  # (classes, 1)

    def forward(self, x: Array) -> tuple[Array, Array]:
        """Return A1 and A2: the hidden layer, and the probability of every class."""
        a1 = relu(self.w1 @ x + self.b1)
        return a1, softmax(self.w2 @ a1 + self.b2)

    def step(self, x: Array, y: Array, *, rate: float) -> None:
        """Move every parameter against the gradient of the mean cross-entropy."""
        m = x.shape[1]
        a1, a2 = self.forward(x)
        dz2 = a2 - y
        dw2, db2 = dz2 @ a1.T / m, dz2.sum(axis=1, keepdims=True) / m
        dz1 = (self.w2.T @ dz2) * (a1 > 0)
        dw1, db1 = dz1 @ x.T / m, dz1.sum(axis=1, keepdims=True) / m
        self.w1, self.b1 = self.w1 - rate * dw1, self.b1 - rate * db1
        self.w2, self.b2 = self.w2 - rate * dw2, self.b2 - rate * db2

    def predict(self, x: Array) -> npt.NDArray[np.intp]:
        """Return the most probable class of every example."""
        classes: npt.NDArray[np.intp] = self.forward(x)[1].argmax(axis=0)
        return classes
