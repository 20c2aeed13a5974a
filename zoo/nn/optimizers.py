"""How a gradient becomes a step, on flat vectors and in place.

SGD         w -= rate g
momentum    v = momentum v + g,   w -= rate v
Nesterov    v = momentum v + g,   w -= rate (g + momentum v)
RMSprop     s = decay s + (1 - decay) g²,   w -= rate g / (sqrt(s) + tiny)
Adam        m = beta1 m + g,   s = beta2 s + g²
            w -= rate m (1 - beta1) / (1 - beta1^t) / (sqrt(s (1 - beta2) / (1 - beta2^t)) + tiny)
AdamW       the same, and beforehand  w -= rate decay w  for weights, not for biases

Whatever the optimizer, a gradient can be clipped before its step, g *= most / |g| where |g| is
longer than that, and the weights averaged behind it, a = decay a + (1 - decay) w.

A step takes a dozen passes over its vectors. Those of a million parameters outgrow a core's cache;
they go through it piece by piece, and every element has the same arithmetic as without.
"""

import math
from abc import ABC, abstractmethod

import numpy as np

from zoo.nn.buffers import Array

BLOCK_SIZE = 32_768  # elements; Adam has five such pieces in hand, 655 kB


class Optimizer(ABC):
    """Changes the parameters; what it remembers is in `memory`, one flat vector a name."""

    state_names: tuple[str, ...] = ()

    def __init__(self, parameters: Array) -> None:
        self.parameters = parameters
        self.state = {name: np.zeros_like(parameters) for name in self.state_names}
        self.blocks = _blocks(parameters)
        self.scratch = np.empty_like(parameters[:BLOCK_SIZE])

    def step(self, gradient: Array, *, learning_rate: float, step: int) -> None:
        """Make step `number`, counted from 1; the gradient may be used up."""
        for block in self.blocks:
            self.update_block(block, gradient[block], learning_rate=learning_rate, step=step)

    @abstractmethod
    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Change a piece of the parameters, given the gradient there."""


def _blocks(vector: Array) -> list[slice]:
    return [slice(start, start + BLOCK_SIZE) for start in range(0, len(vector), BLOCK_SIZE)]


class SGD(Optimizer):
    """Straight down the gradient."""

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Move by w -= rate g."""
        w = self.parameters[block]
        np.multiply(gradient, learning_rate, out=gradient)
        np.subtract(w, gradient, out=w)


class Momentum(Optimizer):
    """A ball that keeps rolling; with Nesterov's correction it looks where it will be."""

    state_names = ("velocity",)

    def __init__(self, parameters: Array, *, momentum: float, nesterov: bool = False) -> None:
        super().__init__(parameters)
        self.momentum, self.nesterov = momentum, nesterov

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Move by w -= rate v, or by w -= rate (g + momentum v)."""
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
    """Every parameter's step is divided by the size that its gradient has had lately."""

    state_names = ("square",)

    def __init__(self, parameters: Array, *, decay: float = 0.9, epsilon: float = 1e-8) -> None:
        super().__init__(parameters)
        self.decay, self.epsilon = decay, epsilon

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Move by w -= rate g / (sqrt(s) + tiny)."""
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
    """Momentum and RMSprop together, both corrected for having started at zero (Kingma 2014).

    Kept are sums that fade, not means: what makes means of them is a number, and spares two passes.
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
        """Move by w -= rate m' / (sqrt(s') + tiny), m' and s' being the corrected means."""
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
    """Adam, with weights that shrink by themselves instead of through the gradient (2017)."""

    def __init__(self, parameters: Array, *, decay: float, is_weight: Array, **adam: float) -> None:
        super().__init__(parameters, **adam)
        self.decay, self.not_decayed = decay, np.flatnonzero(is_weight == 0)

    def step(self, gradient: Array, *, learning_rate: float, step: int) -> None:
        """Shrink the weights by rate * decay, then make Adam's step."""
        others = self.parameters[self.not_decayed]
        np.multiply(self.parameters, 1 - learning_rate * self.decay, out=self.parameters)
        self.parameters[self.not_decayed] = others
        super().step(gradient, learning_rate=learning_rate, step=step)


def clip_by_norm(gradient: Array, *, max_norm: float) -> None:
    """Shorten the gradient to this length if it is longer; its direction stays."""
    length = math.sqrt(gradient @ gradient)
    if length > max_norm:
        np.multiply(gradient, max_norm / length, out=gradient)


class ExponentialMovingAverage:
    """The mean of all weights so far, the older ones counting less and less (Polyak 1992).

    While few steps are made the decay is (1 + t) / (10 + t) at most, so that the first weights,
    which know nothing, are soon forgotten.
    """

    def __init__(self, parameters: Array, *, decay: float) -> None:
        self.parameters, self.decay = parameters, decay
        self.mean = parameters.copy()
        self.blocks = _blocks(parameters)
        self.scratch = np.empty_like(parameters[:BLOCK_SIZE])

    def update(self, *, step: int) -> None:
        """Take in the weights after step `number`, counted from 1."""
        fresh = 1 - min(self.decay, (1 + step) / (10 + step))
        for block in self.blocks:
            w, mean = self.parameters[block], self.mean[block]
            scratch = self.scratch[: len(w)]
            np.subtract(w, mean, out=scratch)
            np.multiply(scratch, fresh, out=scratch)
            np.add(mean, scratch, out=mean)
