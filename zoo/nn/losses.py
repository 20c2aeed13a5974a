"""Loss functions: softmax cross-entropy, and the L2 penalty."""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, Buffer, Labels


def softmax(logits: Array) -> Array:
    """Return exp(z) / sum(exp(z)) for every row of logits (rows, classes)."""
    p: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p


class Loss(ABC):
    """A loss of logits (rows, classes) and the correct class of each row."""

    margins: Array  # the correct class's logit minus the largest one: 0 if the row is correct

    @abstractmethod
    def forward(self, logits: Array, labels: Labels) -> Array:
        """Return the loss of each row, and set `margins`."""

    @abstractmethod
    def backward(self, examples: int) -> Array:
        """Return d(sum of these losses / examples)/dlogits, (rows, classes)."""


def margins(logits: Array, labels: Labels) -> Array:
    """Return the correct class's logit minus the largest one, for every row."""
    result: Array = logits[np.arange(len(labels)), labels] - logits.max(axis=1)
    return result


class SoftmaxCrossEntropy(Loss):
    """Softmax cross-entropy: the loss of a row is -log p(correct class), where p = softmax(logits).

    With smoothing s over K classes, the target is 1 - s + s/K for the correct class and s/K for the
    others instead of 1 and 0. Either way dL/dlogits = p - target. The target is never stored as an
    array: the label gives the single entry of p that differs.
    """

    def __init__(
        self, classes: int, *, smoothing: float = 0.0, dtype: npt.DTypeLike = np.float32
    ) -> None:
        self.classes, self.smoothing = classes, smoothing
        self.rows = 0
        self._p = Buffer()
        self.dtype = dtype

    def allocate(self, rows: int) -> None:
        """Allocate the buffers for batches of this many rows."""
        self.rows = rows
        self.p = self._p.allocate(rows, self.classes, self.dtype)
        self.flat = self.p.T.reshape(-1)  # class by class, the order of p in memory
        self.row = np.arange(rows)
        self.position = np.empty(rows, np.intp)  # the index of each row's correct class in `flat`
        self.margins, self.losses, self.total, self.log_total, self.correct = np.empty(
            (5, rows), self.dtype
        )

    def forward(self, logits: Array, labels: Labels) -> Array:
        """Return the loss of each row, and set `margins`."""
        if len(labels) != self.rows:
            self.allocate(len(labels))
        np.multiply(labels, self.rows, out=self.position)
        np.add(self.position, self.row, out=self.position)
        np.maximum.reduce(logits, axis=1, out=self.total)
        np.subtract(logits, self.total[:, None], out=self.p)  # prevents an overflow of exp
        self.flat.take(self.position, out=self.margins, mode="clip")
        target = self.margins
        if self.smoothing:
            target = np.multiply(self.margins, 1 - self.smoothing, out=self.losses)
            np.add.reduce(self.p, axis=1, out=self.total)
            np.multiply(self.total, self.smoothing / self.classes, out=self.total)
            np.add(target, self.total, out=target)
        np.exp(self.p, out=self.p)
        np.add.reduce(self.p, axis=1, out=self.total)
        np.log(self.total, out=self.log_total)
        return np.subtract(self.log_total, target, out=self.losses)

    def backward(self, examples: int) -> Array:
        """Return d(sum of the losses / examples)/dlogits, (rows, classes), written over p."""
        np.multiply(self.total, examples, out=self.total)
        np.divide(self.p, self.total[:, None], out=self.p)
        if self.smoothing:
            np.subtract(self.p, self.smoothing / self.classes / examples, out=self.p)
        self.flat.take(self.position, out=self.correct, mode="clip")
        np.subtract(self.correct, (1 - self.smoothing) / examples, out=self.correct)
        self.flat[self.position] = self.correct  # takes a fifth of the time of `put`
        return self.p


class L2:
    """The L2 penalty: strength/2 * the sum of all squared weights, without biases."""

    def __init__(self, strength: float, is_weight: Array) -> None:
        self.factor = strength * is_weight
        self.scratch = np.empty_like(is_weight)

    def loss(self, parameters: Array) -> float:
        """Return strength/2 * sum(w²)."""
        return 0.5 * float(np.sum(self.factor * parameters * parameters))

    def add_gradient(self, parameters: Array, gradient: Array) -> None:
        """Add strength * w to the gradient."""
        np.multiply(parameters, self.factor, out=self.scratch)
        np.add(gradient, self.scratch, out=gradient)
