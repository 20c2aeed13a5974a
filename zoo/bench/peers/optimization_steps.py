"""From the READMEs' style to the core, an idea at a time: each loop is the one before and one idea.

tutorial NumPy (naive.py)  float64, examples in columns, one-hot labels, fresh arrays
float32                    half the bytes
rows                       examples in rows: a batch is gathered whole rows at a time
in place                   p - 1 where the label is, with no one-hot matrix; W -= rate dW
buffers                    every result into memory that is there already, feature by feature
flat                       the bias as one more weight, all parameters and gradients in one vector
zoo                        pixels stay bytes, cast in the cache and scaled behind the product

They know one hidden layer and batches; the last batch of a pass may be smaller.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.bench.peers import naive
from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


class Float32Peer(naive.Peer):
    """Half the bytes."""

    differs = ()

    def __init__(self, task: BenchTask) -> None:
        _refuse(task)
        super().__init__(task)
        self.x, self.y, self.test = (
            array.astype(np.float32) for array in (self.x, self.y, self.test)
        )

    def reset(self) -> None:
        """Put the first weights back."""
        self.layers = [(w.astype(np.float32), b[:, None].copy()) for w, b in self.task.layers]


class RowsPeer:
    """Examples in rows."""

    version = np.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        _refuse(task)
        self.task, self.rate = task, task.facts["rate"]
        self.x, self.test = task.inputs, task.test_inputs
        self.y = self.targets(task)

    def targets(self, task: BenchTask) -> Array:
        """Return what the labels are compared with."""
        return naive.one_hot(task.labels, task.facts["classes"]).T.astype(np.float32)

    def reset(self) -> None:
        """Put the first weights back."""
        (self.w1, self.b1), (self.w2, self.b2) = (
            (weights.copy(), biases.copy()) for weights, biases in self.task.layers
        )

    def run(self) -> None:
        """Train."""
        batch = self.task.facts["batch"]
        for order in self.task.order:
            for start in range(0, len(order), batch):
                self.step(order[start : start + batch])

    def step(self, rows: Array) -> None:
        """Make one step."""
        x, y, m = self.x[rows], self.y[rows], len(rows)
        hidden = np.maximum(x @ self.w1.T + self.b1, 0)
        p = _softmax(hidden @ self.w2.T + self.b2)
        d_z2 = (p - y) / m
        d_z1 = (d_z2 @ self.w2) * (hidden > 0)
        self.w2 = self.w2 - self.rate * (d_z2.T @ hidden)
        self.b2 = self.b2 - self.rate * d_z2.sum(axis=0)
        self.w1 = self.w1 - self.rate * (d_z1.T @ x)
        self.b1 = self.b1 - self.rate * d_z1.sum(axis=0)

    def learned(self) -> list[Array]:
        """Return W1, b1, W2, b2."""
        return [self.w1, self.b1, self.w2, self.b2]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        w1, b1, w2, b2 = self.learned()
        found: Array = np.maximum(self.test @ w1.T + b1, 0) @ w2.T + b2
        return found


class PlacePeer(RowsPeer):
    """Without a one-hot matrix, and weights changed where they are."""

    def targets(self, task: BenchTask) -> Array:
        """Return the labels as they are."""
        return task.labels.astype(np.intp)

    def step(self, rows: Array) -> None:
        """Make one step."""
        x, y, m = self.x[rows], self.y[rows], len(rows)
        hidden = np.maximum(x @ self.w1.T + self.b1, 0)
        d_z2 = _softmax(hidden @ self.w2.T + self.b2)
        d_z2[np.arange(m), y] -= 1
        d_z2 /= m
        d_z1 = d_z2 @ self.w2
        d_z1 *= hidden > 0
        self.w2 -= self.rate * (d_z2.T @ hidden)
        self.b2 -= self.rate * d_z2.sum(axis=0)
        self.w1 -= self.rate * (d_z1.T @ x)
        self.b1 -= self.rate * d_z1.sum(axis=0)


class BuffersPeer(PlacePeer):
    """Every result into memory that is there already."""

    ones = 0  # columns of them

    def reset(self) -> None:
        """Put the first weights back, and take the memory."""
        super().reset()
        self.rows = -1
        self.inputs, self.hidden = self.w1.shape[1], len(self.w1)
        self.gradients = [np.empty_like(one) for one in (self.w1, self.b1, self.w2, self.b2)]

    def resize(self, rows: int) -> None:
        """Take memory for batches of so many rows; between layers it lies feature by feature."""
        self.rows, classes = rows, len(self.b2)
        self.batch = np.ones((rows, self.inputs + self.ones), np.float32)
        self.a = np.ones((self.hidden + self.ones, rows), np.float32)
        self.z, self.slope, self.d_z1 = (
            self.a[: self.hidden],
            *np.empty((2, self.hidden, rows), np.float32),
        )
        self.p, self.most = np.empty((classes, rows), np.float32), np.empty(rows, np.float32)
        self.label, self.position = np.empty((2, rows), np.intp)
        self.row, self.right = np.arange(rows), np.empty(rows, np.float32)

    def step(self, rows: Array) -> None:
        """Make one step."""
        if len(rows) != self.rows:
            self.resize(len(rows))
        d_w1, d_b1, d_w2, d_b2 = self.gradients
        self.x.take(rows, axis=0, out=self.batch, mode="clip")
        np.dot(self.w1, self.batch.T, out=self.z)
        np.add(self.z, self.b1[:, None], out=self.z)
        self.bend()
        np.dot(self.w2, self.a, out=self.p)
        np.add(self.p, self.b2[:, None], out=self.p)
        self.differ(rows)
        np.dot(self.p, self.a.T, out=d_w2)
        np.add.reduce(self.p, axis=1, out=d_b2)
        np.dot(self.w2.T, self.p, out=self.d_z1)
        np.multiply(self.d_z1, self.slope, out=self.d_z1)
        np.dot(self.d_z1, self.batch, out=d_w1)
        np.add.reduce(self.d_z1, axis=1, out=d_b1)
        for held, gradient in zip(self.learned(), self.gradients, strict=True):
            np.multiply(gradient, self.rate, out=gradient)
            np.subtract(held, gradient, out=held)

    def bend(self) -> None:
        """Write ReLU over z, and its derivative beside it."""
        np.greater(self.z, 0, out=self.slope)
        np.multiply(self.z, self.slope, out=self.z)

    def differ(self, rows: Array) -> None:
        """Write (softmax - target) / rows over the logits in p."""
        p = self.p
        np.maximum.reduce(p, axis=0, out=self.most)
        np.subtract(p, self.most, out=p)
        np.exp(p, out=p)
        np.add.reduce(p, axis=0, out=self.most)
        np.multiply(self.most, len(rows), out=self.most)
        np.divide(p, self.most, out=p)
        self.y.take(rows, out=self.label, mode="clip")
        np.multiply(self.label, len(rows), out=self.position)
        np.add(self.position, self.row, out=self.position)
        flat = p.reshape(-1)
        flat.take(self.position, out=self.right, mode="clip")
        np.subtract(self.right, 1 / len(rows), out=self.right)
        flat[self.position] = self.right


class FlatPeer(BuffersPeer):
    """The bias as one more weight, everything that is learned in one vector."""

    ones = 1

    def __init__(self, task: BenchTask) -> None:
        super().__init__(task)
        self.x = np.column_stack([self.x, np.ones(len(self.x), np.float32)])

    def reset(self) -> None:
        """Put the first weights back, and take the memory."""
        super().reset()
        both = [np.column_stack(pair) for pair in ((self.w1, self.b1), (self.w2, self.b2))]
        self.parameters = np.concatenate([one.reshape(-1) for one in both])
        self.gradient = np.empty_like(self.parameters)
        size = both[0].size
        self.v1, self.v2 = (
            self.parameters[:size].reshape(both[0].shape),
            self.parameters[size:].reshape(both[1].shape),
        )
        self.d_v1, self.d_v2 = (
            self.gradient[:size].reshape(both[0].shape),
            self.gradient[size:].reshape(both[1].shape),
        )
        self.w1, self.b1 = self.v1[:, :-1], self.v1[:, -1]
        self.w2, self.b2 = self.v2[:, :-1], self.v2[:, -1]

    def step(self, rows: Array) -> None:
        """Make one step."""
        if len(rows) != self.rows:
            self.resize(len(rows))
        self.x.take(rows, axis=0, out=self.batch, mode="clip")
        np.dot(self.v1, self.batch.T, out=self.z)
        self.bend()
        np.dot(self.v2, self.a, out=self.p)
        self.differ(rows)
        np.dot(self.p, self.a.T, out=self.d_v2)
        np.dot(self.w2.T, self.p, out=self.d_z1)
        np.multiply(self.d_z1, self.slope, out=self.d_z1)
        np.dot(self.d_z1, self.batch, out=self.d_v1)
        np.multiply(self.gradient, self.rate, out=self.gradient)
        np.subtract(self.parameters, self.gradient, out=self.parameters)


def _softmax(z: Array) -> Array:
    p: Array = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p


def _refuse(task: BenchTask) -> None:
    facts = task.facts
    plain = facts["optimizer"] == "sgd" and not facts["momentum"] and not facts["norm"]
    if facts["answers"] or facts["steps"] or len(facts["hidden"]) != 1 or not plain:
        raise NotImplementedError("the ideas are written out for batches and one hidden layer")
    if facts["dropout"]:
        raise NotImplementedError("the ideas are written out without dropout")
