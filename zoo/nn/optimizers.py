"""Optimizers, gradient clipping and weight averaging, on flat vectors and in place.

SGD         w -= rate g
momentum    v = momentum v + g,   w -= rate v
Nesterov    v = momentum v + g,   w -= rate (g + momentum v)
RMSprop     s = decay s + (1 - decay) g²,   w -= rate g / (sqrt(s) + epsilon)
Adam        m = beta1 m + g,   s = beta2 s + g²
            m' = m (1 - beta1) / (1 - beta1^t),   s' = s (1 - beta2) / (1 - beta2^t)
            w -= rate m' / (sqrt(s') + epsilon)
AdamW       w -= rate decay w  for weights, not for biases, and then a step of Adam

With any optimizer, a gradient can be clipped before the step, g *= max_norm / |g| where |g| is
larger than max_norm, and the weights averaged after it, a = decay a + (1 - decay) w.

A step takes a dozen passes over its vectors. Vectors of a million parameters do not fit into a
core's cache, so a step works block by block; the arithmetic of every element is the same.
"""

import math
from abc import ABC, abstractmethod

import numpy as np

from zoo.nn.buffers import Array

BLOCK_SIZE = 32_768  # elements; Adam uses five such blocks, 655 kB


class Optimizer(ABC):
    """Updates the parameters in place; `state` has one flat vector per name."""

    state_names: tuple[str, ...] = ()

    def __init__(self, parameters: Array) -> None:
        self.parameters = parameters
        self.state = {name: np.zeros_like(parameters) for name in self.state_names}
        self.blocks = _blocks(parameters)
        self.scratch = np.empty_like(parameters[:BLOCK_SIZE])

    def step(self, gradient: Array, *, learning_rate: float, step: int) -> None:
        """Make one step, counted from 1; the gradient may be overwritten."""
        for block in self.blocks:
            self.update_block(block, gradient[block], learning_rate=learning_rate, step=step)

    @abstractmethod
    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Update a block of the parameters, given the block's gradient."""


def _blocks(vector: Array) -> list[slice]:
    return [slice(start, start + BLOCK_SIZE) for start in range(0, len(vector), BLOCK_SIZE)]


class SGD(Optimizer):
    """Stochastic gradient descent: w -= rate g."""

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Update w -= rate g."""
        w = self.parameters[block]
        np.multiply(gradient, learning_rate, out=gradient)
        np.subtract(w, gradient, out=w)


class Momentum(Optimizer):
    """SGD with momentum, optionally Nesterov's."""

    state_names = ("velocity",)

    def __init__(self, parameters: Array, *, momentum: float, nesterov: bool = False) -> None:
        super().__init__(parameters)
        self.momentum, self.nesterov = momentum, nesterov

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Update w -= rate v, or w -= rate (g + momentum v)."""
        w, v, scratch = (
            self.parameters[block],
            self.state["velocity"][block],
            self.scratch[: len(gradient)],
        )
        np.multiply(v, self.momentum, out=v)
        np.add(v, gradient, out=v)
        if self.nesterov:
            np.multiply(v, self.momentum, out=scratch)
            np.add(gradient, scratch, out=gradient)
            np.multiply(gradient, learning_rate, out=gradient)
        else:
            np.multiply(v, learning_rate, out=gradient)
        np.subtract(w, gradient, out=w)


class RMSprop(Optimizer):
    """RMSprop: each gradient is divided by the root of a running mean of its square."""

    state_names = ("square",)

    def __init__(self, parameters: Array, *, decay: float = 0.9, epsilon: float = 1e-8) -> None:
        super().__init__(parameters)
        self.decay, self.epsilon = decay, epsilon

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Update w -= rate g / (sqrt(s) + epsilon)."""
        w, s, scratch = (
            self.parameters[block],
            self.state["square"][block],
            self.scratch[: len(gradient)],
        )
        np.multiply(s, self.decay, out=s)
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(scratch, 1 - self.decay, out=scratch)
        np.add(s, scratch, out=s)
        np.sqrt(s, out=scratch)
        np.add(scratch, self.epsilon, out=scratch)
        np.divide(gradient, scratch, out=gradient)
        np.multiply(gradient, learning_rate, out=gradient)
        np.subtract(w, gradient, out=w)


class Adam(Optimizer):
    """Adam: momentum and RMSprop, both corrected for their start at zero (Kingma 2014).

    The state holds decaying sums, not means: a scalar factor converts them, and saves two passes.
    """

    state_names = ("gradients", "squares")

    def __init__(
        self, parameters: Array, *, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        super().__init__(parameters)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Update w -= rate m' / (sqrt(s') + epsilon), where m' and s' are the corrected means."""
        w, scratch = self.parameters[block], self.scratch[: len(gradient)]
        m, s = self.state["gradients"][block], self.state["squares"][block]
        np.multiply(m, self.beta1, out=m)
        np.add(m, gradient, out=m)
        np.multiply(s, self.beta2, out=s)
        np.multiply(gradient, gradient, out=gradient)
        np.add(s, gradient, out=s)
        root = math.sqrt((1 - self.beta2) / (1 - self.beta2**step))  # sqrt(s') is root sqrt(s)
        np.sqrt(s, out=scratch)
        np.add(scratch, self.epsilon / root, out=scratch)
        np.divide(m, scratch, out=gradient)
        np.multiply(
            gradient, learning_rate * (1 - self.beta1) / (1 - self.beta1**step) / root, out=gradient
        )
        np.subtract(w, gradient, out=w)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2017)."""

    def __init__(self, parameters: Array, *, decay: float, is_weight: Array, **adam: float) -> None:
        super().__init__(parameters, **adam)
        self.decay, self.not_decayed = decay, np.flatnonzero(is_weight == 0)

    def step(self, gradient: Array, *, learning_rate: float, step: int) -> None:
        """Multiply the weights by 1 - rate * decay, then make Adam's step."""
        others = self.parameters[self.not_decayed]
        np.multiply(self.parameters, 1 - learning_rate * self.decay, out=self.parameters)
        self.parameters[self.not_decayed] = others
        super().step(gradient, learning_rate=learning_rate, step=step)


def clip_by_norm(gradient: Array, *, max_norm: float) -> None:
    """Scale the gradient to max_norm if its norm is larger."""
    norm = math.sqrt(gradient @ gradient)
    if norm > max_norm:
        np.multiply(gradient, max_norm / norm, out=gradient)


class ExponentialMovingAverage:
    """An exponential moving average of the weights (Polyak 1992).

    At step t the decay is at most (1 + t) / (10 + t), so that the untrained weights of the first
    steps soon have no influence.
    """

    def __init__(self, parameters: Array, *, decay: float) -> None:
        self.parameters, self.decay = parameters, decay
        self.mean = parameters.copy()
        self.blocks = _blocks(parameters)
        self.scratch = np.empty_like(parameters[:BLOCK_SIZE])

    def update(self, *, step: int) -> None:
        """Update the mean with the weights after a step, counted from 1."""
        weight = 1 - min(self.decay, (1 + step) / (10 + step))
        for block in self.blocks:
            w, mean = self.parameters[block], self.mean[block]
            scratch = self.scratch[: len(w)]
            np.subtract(w, mean, out=scratch)
            np.multiply(scratch, weight, out=scratch)
            np.add(mean, scratch, out=mean)
