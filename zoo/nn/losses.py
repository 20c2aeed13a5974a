"""What training makes small: the cross-entropy of the softmax, and L2 on the weights."""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, Buffer, Labels


def softmax(logits: Array) -> Array:
    """Return exp(z) / sum(exp(z)) in every row."""
    p: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p


class Loss(ABC):
    """What an example costs, given its logits and the number of its right class."""

    margins: Array  # of each example: its right logit minus the largest one, 0 when it is right

    @abstractmethod
    def forward(self, logits: Array, labels: Labels) -> Array:
        """Return each example's loss, and set `margins`."""

    @abstractmethod
    def backward(self, examples: int) -> Array:
        """Return d(sum of these losses / examples)/dlogits."""


def margins(logits: Array, labels: Labels) -> Array:
    """Return the right logit minus the largest one in every row."""
    found: Array = logits[np.arange(len(labels)), labels] - logits.max(axis=1)
    return found


class SoftmaxCrossEntropy(Loss):
    """The loss of one example is -log p(right class), where p = softmax(logits).

    With smoothing s over K classes, the target is 1 - s + s/K for the right class and s/K for the
    others instead of 1 and 0. Either way dL/dlogits = p - target, and no target is ever written
    out: the label says which single entry of p differs.
    """

    def __init__(
        self, classes: int, *, smoothing: float = 0.0, dtype: npt.DTypeLike = np.float32
    ) -> None:
        self.classes, self.smoothing = classes, smoothing
        self.rows = 0
        self._p = Buffer(dtype)
        self.dtype = dtype

    def allocate(self, rows: int) -> None:
        """Shape the buffers for batches of so many rows."""
        self.rows = rows
        self.p = self._p(rows, self.classes)
        self.flat = self.p.T.reshape(-1)  # class by class, as p lies in memory
        self.row = np.arange(rows)
        self.position = np.empty(rows, np.intp)  # of each example's right class in `flat`
        self.margins, self.losses, self.total, self.log_total, self.right = np.empty(
            (5, rows), self.dtype
        )

    def forward(self, logits: Array, labels: Labels) -> Array:
        """Return each example's loss; `margins` are right logit minus largest, 0 when right."""
        if len(labels) != self.rows:
            self.allocate(len(labels))
        np.multiply(labels, self.rows, out=self.position)
        np.add(self.position, self.row, out=self.position)
        np.maximum.reduce(logits, axis=1, out=self.total)
        np.subtract(logits, self.total[:, None], out=self.p)  # now no exponential overflows
        self.flat.take(self.position, out=self.margins, mode="clip")
        wanted = self.margins
        if self.smoothing:
            wanted = np.multiply(self.margins, 1 - self.smoothing, out=self.losses)
            np.add.reduce(self.p, axis=1, out=self.total)
            np.multiply(self.total, self.smoothing / self.classes, out=self.total)
            np.add(wanted, self.total, out=wanted)
        np.exp(self.p, out=self.p)
        np.add.reduce(self.p, axis=1, out=self.total)
        np.log(self.total, out=self.log_total)
        return np.subtract(self.log_total, wanted, out=self.losses)

    def backward(self, examples: int) -> Array:
        """Return d(sum of the losses / examples)/dlogits, written over p."""
        np.multiply(self.total, examples, out=self.total)
        np.divide(self.p, self.total[:, None], out=self.p)
        if self.smoothing:
            np.subtract(self.p, self.smoothing / self.classes / examples, out=self.p)
        self.flat.take(self.position, out=self.right, mode="clip")
        np.subtract(self.right, (1 - self.smoothing) / examples, out=self.right)
        self.flat[self.position] = self.right  # a fifth of what `put` takes
        return self.p


class L2:
    """Adds strength/2 * sum of all squared weights to the loss; biases go free."""

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
