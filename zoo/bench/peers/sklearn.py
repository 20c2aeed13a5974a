"""scikit-learn's MLPClassifier: one `fit`, with its shuffling replaced by zoo's order."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import sklearn
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


class FixedOrder(np.random.RandomState):
    """A random state whose shuffles are given orders, one per epoch."""

    def __init__(self, orders: Iterable[Array]) -> None:
        super().__init__(0)
        self.orders: Iterator[Array] = iter(orders)

    def shuffle(self, x: Any) -> None:
        """Write the next order into x."""
        x[:] = next(self.orders)


class Peer:
    """MLPClassifier with zoo's initial weights and zoo's order of rows."""

    version = sklearn.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        self.task, facts = task, task.facts
        if facts["dropout"] or facts["norm"]:
            raise NotImplementedError("scikit-learn has neither dropout nor batch normalization")
        if facts["answers"]:
            self.differs = ("computes probabilities",)
        if facts["optimizer"] == "adam":
            self.differs = ("adds its epsilon before it corrects for the start",)
        warnings.simplefilter("ignore")  # warnings that it has not converged
        sklearn.set_config(assume_finite=True)  # it skips the check of 47 million pixels
        threadpool_limits(1)
        self.x, self.y = task.inputs, task.labels
        self.test = task.test_inputs
        self.queries = self.test[: facts["answers"]]
        rows = len(self.x)
        self.model: Any = MLPClassifier(
            tuple(facts["hidden"]),
            solver="adam" if facts["optimizer"] == "adam" else "sgd",
            alpha=0,
            batch_size=facts["batch"] or rows,
            learning_rate_init=facts["rate"],
            max_iter=facts["steps"] or 1,
            shuffle=not facts["steps"],
            tol=0,
            n_iter_no_change=10**9,
            momentum=facts["momentum"],
            nesterovs_momentum=False,
            warm_start=True,
        )

    def reset(self) -> None:
        """Restore the initial weights."""
        facts = self.task.facts
        labels = np.arange(facts["classes"]).repeat(2) % facts["classes"]
        self.model.max_iter, self.model.random_state = 1, 0
        self.model.warm_start = False
        self.model.fit(np.zeros((len(labels), self.x.shape[1]), np.float32), labels)
        del self.model._optimizer  # noqa: SLF001 - its state must be reset
        self.model.warm_start = True
        self.model.max_iter = facts["steps"] or len(self.task.order)
        self.model.random_state = FixedOrder(self.task.order)
        for layer, (weights, biases) in enumerate(self.task.layers):
            self.model.coefs_[layer] = np.ascontiguousarray(weights.T)
            self.model.intercepts_[layer] = biases.copy()

    def run(self) -> None:
        """Train or predict."""
        facts = self.task.facts
        if facts["answers"]:
            self.model.predict_proba(self.queries)
        else:
            self.model.fit(self.x, self.y)

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..."""
        pairs = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        return [array for weights, biases in pairs for array in (weights.T, biases)]

    def logits(self) -> Array:
        """Return the logarithms of the probabilities."""
        logits: Array = np.log(np.maximum(self.model.predict_proba(self.test), 1e-38))
        return logits
