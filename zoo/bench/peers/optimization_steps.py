"""The optimizations from the READMEs' style to zoo's core: each class adds one of them.

tutorial NumPy (naive.py)  float64, examples in columns, one-hot labels, fresh arrays
float32                    half the bytes
rows                       examples in rows: a batch is gathered by whole rows
in place                   p - 1 at the label, without a one-hot matrix; W -= rate dW
buffers                    every result is written to preallocated memory, feature by feature
flat                       the bias is one more weight, all parameters and gradients in one vector
zoo                        pixels stay bytes, cast in the cache and scaled after the product

They support one hidden layer and batches; the last batch of an epoch may be smaller.
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
        _check_supported(task)
        super().__init__(task)
        self.x, self.y, self.test = (
            array.astype(np.float32) for array in (self.x, self.y, self.test)
        )

    def reset(self) -> None:
        """Restore the initial weights."""
        self.layers = [(w.astype(np.float32), b[:, None].copy()) for w, b in self.task.layers]


class RowsPeer:
    """Examples in rows."""

    version = np.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        _check_supported(task)
        self.task, self.rate = task, task.facts["rate"]
        self.x, self.test = task.inputs, task.test_inputs
        self.y = self.targets(task)

    def targets(self, task: BenchTask) -> Array:
        """Return the one-hot labels, (n, classes) float32."""
        return naive.one_hot(task.labels, task.facts["classes"]).T.astype(np.float32)

    def reset(self) -> None:
        """Restore the initial weights."""
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
        """Take one training step."""
        x, y, m = self.x[rows], self.y[rows], len(rows)
        hidden = np.maximum(x @ self.w1.T + self.b1, 0)
        p = _softmax(hidden @ self.w2.T + self.b2)
        d_z2 = (p - y) / m
        d_z1 = (d_z2 @ self.w2) * (hidden > 0)
        self.w2 = self.w2 - self.rate * (d_z2.T @ hidden)
        self.b2 = self.b2 - self.rate * d_z2.sum(axis=0)
        self.w1 = self.w1 - self.rate * (d_z1.T @ x)
        self.b1 = self.b1 - self.rate * d_z1.sum(axis=0)

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2."""
        return [self.w1, self.b1, self.w2, self.b2]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        w1, b1, w2, b2 = self.weights()
        logits: Array = np.maximum(self.test @ w1.T + b1, 0) @ w2.T + b2
        return logits


class PlacePeer(RowsPeer):
    """Without a one-hot matrix; weights are updated in place."""

    def targets(self, task: BenchTask) -> Array:
        """Return the labels, (n,) intp."""
        return task.labels.astype(np.intp)

    def step(self, rows: Array) -> None:
        """Take one training step."""
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
    """Every result is written to preallocated memory."""

    ones = 0  # the number of columns of ones

    def reset(self) -> None:
        """Restore the initial weights and allocate the buffers."""
        super().reset()
        self.rows = -1
        self.inputs, self.hidden = self.w1.shape[1], len(self.w1)
        self.gradients = [np.empty_like(array) for array in (self.w1, self.b1, self.w2, self.b2)]

    def resize(self, rows: int) -> None:
        """Allocate buffers for batches of this size; activations are (features, rows)."""
        self.rows, classes = rows, len(self.b2)
        self.batch = np.ones((rows, self.inputs + self.ones), np.float32)
        self.a = np.ones((self.hidden + self.ones, rows), np.float32)
        self.z, self.slope, self.d_z1 = (
            self.a[: self.hidden],
            *np.empty((2, self.hidden, rows), np.float32),
        )
        self.p, self.row_scale = np.empty((classes, rows), np.float32), np.empty(rows, np.float32)
        self.label, self.position = np.empty((2, rows), np.intp)
        self.row, self.label_p = np.arange(rows), np.empty(rows, np.float32)

    def step(self, rows: Array) -> None:
        """Take one training step."""
        if len(rows) != self.rows:
            self.resize(len(rows))
        d_w1, d_b1, d_w2, d_b2 = self.gradients
        self.x.take(rows, axis=0, out=self.batch, mode="clip")
        np.dot(self.w1, self.batch.T, out=self.z)
        np.add(self.z, self.b1[:, None], out=self.z)
        self.activate()
        np.dot(self.w2, self.a, out=self.p)
        np.add(self.p, self.b2[:, None], out=self.p)
        self.write_d_logits(rows)
        np.dot(self.p, self.a.T, out=d_w2)
        np.add.reduce(self.p, axis=1, out=d_b2)
        np.dot(self.w2.T, self.p, out=self.d_z1)
        np.multiply(self.d_z1, self.slope, out=self.d_z1)
        np.dot(self.d_z1, self.batch, out=d_w1)
        np.add.reduce(self.d_z1, axis=1, out=d_b1)
        for parameter, gradient in zip(self.weights(), self.gradients, strict=True):
            np.multiply(gradient, self.rate, out=gradient)
            np.subtract(parameter, gradient, out=parameter)

    def activate(self) -> None:
        """Write ReLU into z and its derivative into slope."""
        np.greater(self.z, 0, out=self.slope)
        np.multiply(self.z, self.slope, out=self.z)

    def write_d_logits(self, rows: Array) -> None:
        """Replace the logits in p by (softmax - target) / rows."""
        p = self.p
        np.maximum.reduce(p, axis=0, out=self.row_scale)
        np.subtract(p, self.row_scale, out=p)
        np.exp(p, out=p)
        np.add.reduce(p, axis=0, out=self.row_scale)
        np.multiply(self.row_scale, len(rows), out=self.row_scale)
        np.divide(p, self.row_scale, out=p)
        self.y.take(rows, out=self.label, mode="clip")
        np.multiply(self.label, len(rows), out=self.position)
        np.add(self.position, self.row, out=self.position)
        flat = p.reshape(-1)
        flat.take(self.position, out=self.label_p, mode="clip")
        np.subtract(self.label_p, 1 / len(rows), out=self.label_p)
        flat[self.position] = self.label_p


class FlatPeer(BuffersPeer):
    """The bias is one more weight, and all parameters are one vector."""

    ones = 1

    def __init__(self, task: BenchTask) -> None:
        super().__init__(task)
        self.x = np.column_stack([self.x, np.ones(len(self.x), np.float32)])

    def reset(self) -> None:
        """Restore the initial weights and allocate the buffers."""
        super().reset()
        layers = [np.column_stack(pair) for pair in ((self.w1, self.b1), (self.w2, self.b2))]
        self.parameters = np.concatenate([layer.reshape(-1) for layer in layers])
        self.gradient = np.empty_like(self.parameters)
        size = layers[0].size
        self.v1, self.v2 = (
            self.parameters[:size].reshape(layers[0].shape),
            self.parameters[size:].reshape(layers[1].shape),
        )
        self.d_v1, self.d_v2 = (
            self.gradient[:size].reshape(layers[0].shape),
            self.gradient[size:].reshape(layers[1].shape),
        )
        self.w1, self.b1 = self.v1[:, :-1], self.v1[:, -1]
        self.w2, self.b2 = self.v2[:, :-1], self.v2[:, -1]

    def step(self, rows: Array) -> None:
        """Take one training step."""
        if len(rows) != self.rows:
            self.resize(len(rows))
        self.x.take(rows, axis=0, out=self.batch, mode="clip")
        np.dot(self.v1, self.batch.T, out=self.z)
        self.activate()
        np.dot(self.v2, self.a, out=self.p)
        self.write_d_logits(rows)
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


def _check_supported(task: BenchTask) -> None:
    facts = task.facts
    plain = facts["optimizer"] == "sgd" and not facts["momentum"] and not facts["norm"]
    if facts["answers"] or facts["steps"] or len(facts["hidden"]) != 1 or not plain:
        raise NotImplementedError("the ideas are written out for batches and one hidden layer")
    if facts["dropout"]:
        raise NotImplementedError("the ideas are written out without dropout")
