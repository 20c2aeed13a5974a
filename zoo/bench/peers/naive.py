"""The style of the originals: float64, examples in columns, one-hot labels, new arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


def one_hot(labels: Array, classes: int) -> Array:
    """Return the one-hot labels, (classes, n) float64."""
    columns = np.zeros((labels.size, classes))
    columns[np.arange(labels.size), labels] = 1
    return columns.T


class Peer:
    """W·X + b in plain NumPy."""

    version = np.__version__
    differs: tuple[str, ...] = ("computes in float64",)

    def __init__(self, task: BenchTask) -> None:
        self.task, facts = task, task.facts
        if facts["optimizer"] != "sgd" or facts["momentum"] or facts["dropout"] or facts["norm"]:
            raise NotImplementedError("the originals have plain gradient descent alone")
        if facts["answers"]:
            self.differs = (*self.differs, "computes probabilities")
        self.x = task.images.T / facts["divide"]
        self.test = task.test_images.T / facts["divide"]
        self.y = one_hot(task.labels, facts["classes"])
        self.queries = self.test[:, : facts["answers"]]

    def reset(self) -> None:
        """Restore the initial weights."""
        self.layers = [
            (weights.astype(np.float64), biases.astype(np.float64)[:, None])
            for weights, biases in self.task.layers
        ]

    def forward(self, x: Array) -> list[Array]:
        """Return the input of each layer, and the probabilities."""
        inputs = [x]
        for weights, biases in self.layers[:-1]:
            inputs.append(np.maximum(weights.dot(inputs[-1]) + biases, 0))
        weights, biases = self.layers[-1]
        z = weights.dot(inputs[-1]) + biases
        exponentials = np.exp(z - z.max(axis=0))
        inputs.append(exponentials / exponentials.sum(axis=0))
        return inputs

    def step(self, x: Array, y: Array) -> None:
        """Take one training step."""
        *inputs, probabilities = self.forward(x)
        rate, m = self.task.facts["rate"], x.shape[1]
        d_z = probabilities - y
        updated: list[tuple[Array, Array]] = []
        for number in range(len(self.layers) - 1, -1, -1):
            weights, biases = self.layers[number]
            d_w = 1 / m * d_z.dot(inputs[number].T)
            d_b = 1 / m * np.sum(d_z, axis=1, keepdims=True)
            if number:
                d_z = weights.T.dot(d_z) * (inputs[number] > 0)
            updated.insert(0, (weights - rate * d_w, biases - rate * d_b))
        self.layers = updated

    def run(self) -> None:
        """Train or predict."""
        facts = self.task.facts
        if facts["answers"]:
            self.forward(self.queries)
        elif facts["steps"]:
            for _ in range(facts["steps"]):
                self.step(self.x, self.y)
        else:
            for order in self.task.order:
                x, y = self.x[:, order], self.y[:, order]
                for start in range(0, len(order), facts["batch"]):
                    columns = slice(start, start + facts["batch"])
                    self.step(x[:, columns], y[:, columns])

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..."""
        return [array for weights, biases in self.layers for array in (weights, biases[:, 0])]

    def logits(self) -> Array:
        """Return the logarithms of the probabilities."""
        return np.log(np.maximum(self.forward(self.test)[-1].T, 1e-300))
