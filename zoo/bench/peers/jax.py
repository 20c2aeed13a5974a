"""JAX: one compiled step per call; and a whole epoch compiled with scan."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


def forward(layers: Any, x: Any) -> Any:
    """Return the logits."""
    for weights, biases in layers[:-1]:
        x = jax.nn.relu(x @ weights + biases)
    weights, biases = layers[-1]
    return x @ weights + biases


def loss(layers: Any, x: Any, y: Any) -> Any:
    """Return the mean cross-entropy."""
    logits = forward(layers, x)
    label_logits = jnp.take_along_axis(logits, y[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - label_logits)


def descend(layers: Any, x: Any, y: Any, rate: float) -> Any:
    """Return the weights after one step."""
    gradient = jax.grad(loss)(layers, x, y)
    return jax.tree.map(lambda w, g: w - rate * g, layers, gradient)


class Peer:
    """One compiled step per call."""

    version = jax.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        self.task, facts = task, task.facts
        if facts["optimizer"] != "sgd" or facts["momentum"] or facts["dropout"] or facts["norm"]:
            raise NotImplementedError("plain gradient descent alone is written out for JAX")
        self.x, self.test = jnp.asarray(task.inputs), jnp.asarray(task.test_inputs)
        self.y = jnp.asarray(task.labels.astype(np.int32))
        self.order = task.order.astype(np.int32)
        self.queries = self.test[: facts["answers"]]
        self.forward = jax.jit(forward)
        rate = facts["rate"]
        self.full = jax.jit(lambda layers, x, y: descend(layers, x, y, rate), donate_argnums=0)

        @partial(jax.jit, donate_argnums=0)
        def batch_step(layers: Any, x: Any, y: Any, rows: Any) -> Any:
            return descend(layers, x[rows], y[rows], rate)

        self.batch_step = batch_step

    def reset(self) -> None:
        """Restore the initial weights."""
        self.layers: Any = [
            (jnp.asarray(weights.T.copy()), jnp.asarray(biases.copy()))
            for weights, biases in self.task.layers
        ]
        jax.block_until_ready(self.layers)

    def run(self) -> None:
        """Train or predict."""
        facts = self.task.facts
        if facts["answers"]:
            jax.block_until_ready(self.forward(self.layers, self.queries))
            return
        layers = self.layers
        if facts["steps"]:
            for _ in range(facts["steps"]):
                layers = self.full(layers, self.x, self.y)
        else:
            for order in self.order:
                for start in range(0, len(order), facts["batch"]):
                    rows = order[start : start + facts["batch"]]
                    layers = self.batch_step(layers, self.x, self.y, rows)
        self.layers = jax.block_until_ready(layers)

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..."""
        pairs = [(weights.T, biases) for weights, biases in self.layers]
        return [np.asarray(array) for pair in pairs for array in pair]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        return np.asarray(self.forward(self.layers, self.test))


class ScanPeer(Peer):
    """One epoch, or all steps, per call."""

    def __init__(self, task: BenchTask) -> None:
        if task.facts["answers"]:
            raise NotImplementedError("there is nothing to repeat in a single answer")
        super().__init__(task)
        facts = task.facts
        rate, batch = facts["rate"], facts["batch"]

        @partial(jax.jit, donate_argnums=0)
        def steps(layers: Any, x: Any, y: Any) -> Any:
            def step(carry: Any, _: Any) -> Any:
                return descend(carry, x, y, rate), None

            return jax.lax.scan(step, layers, None, length=facts["steps"])[0]

        @partial(jax.jit, donate_argnums=0)
        def epoch(layers: Any, x: Any, y: Any, order: Any) -> Any:
            full = len(order) // batch * batch

            def step(carry: Any, rows: Any) -> Any:
                return descend(carry, x[rows], y[rows], rate), None

            layers = jax.lax.scan(step, layers, order[:full].reshape(-1, batch))[0]
            if full < len(order):
                layers = step(layers, order[full:])[0]
            return layers

        self.steps, self.epoch = steps, epoch

    def run(self) -> None:
        """Train or predict."""
        facts = self.task.facts
        if facts["steps"]:
            self.layers = jax.block_until_ready(self.steps(self.layers, self.x, self.y))
        else:
            for order in self.order:
                self.layers = self.epoch(self.layers, self.x, self.y, order)
            jax.block_until_ready(self.layers)
