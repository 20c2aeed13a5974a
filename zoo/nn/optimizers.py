"""How a gradient becomes a step: each optimizer works on the whole flat vectors at once.

SGD         w -= rate g
momentum    v = momentum v + g,   w -= rate v
Nesterov    v = momentum v + g,   w -= rate (g + momentum v)
RMSprop     s = decay s + (1 - decay) g²,   w -= rate g / (sqrt(s) + tiny)
Adam        m = beta1 m + (1 - beta1) g,   s = beta2 s + (1 - beta2) g²
            w -= rate m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + tiny)
AdamW       the same, and beforehand  w -= rate decay w  for weights, not for biases

Whatever the optimizer, a gradient can be clipped before its step, g *= most / |g| where |g| is
longer than that, and the weights averaged behind it, a = decay a + (1 - decay) w.
"""

import math
from abc import ABC, abstractmethod

import numpy as np

from zoo.nn.arrays import Array


class Optimizer(ABC):
    """Changes the parameters; what it remembers is in `memory`, one flat vector a name."""

    names: tuple[str, ...] = ()

    def __init__(self, parameters: Array) -> None:
        self.parameters = parameters
        self.memory = {name: np.zeros_like(parameters) for name in self.names}
        self.scratch = np.empty_like(parameters)

    @abstractmethod
    def step(self, gradient: Array, *, rate: float, number: int) -> None:
        """Make step `number`, counted from 1, in place; the gradient may be used up."""


class SGD(Optimizer):
    """Straight down the gradient."""

    def step(self, gradient: Array, *, rate: float, number: int) -> None:  # noqa: ARG002 - no count
        """Move by w -= rate g."""
        np.multiply(gradient, rate, out=gradient)
        np.subtract(self.parameters, gradient, out=self.parameters)


class Momentum(Optimizer):
    """A ball that keeps rolling; with Nesterov's correction it looks where it will be."""

    names = ("velocity",)

    def __init__(self, parameters: Array, *, momentum: float, nesterov: bool = False) -> None:
        super().__init__(parameters)
        self.momentum, self.nesterov = momentum, nesterov

    def step(self, gradient: Array, *, rate: float, number: int) -> None:  # noqa: ARG002 - no count
        """Move by w -= rate v, or by w -= rate (g + momentum v)."""
        velocity = self.memory["velocity"]
        np.multiply(velocity, self.momentum, out=velocity)
        np.add(velocity, gradient, out=velocity)
        if self.nesterov:
            np.multiply(velocity, self.momentum, out=self.scratch)
            np.add(gradient, self.scratch, out=gradient)
            np.multiply(gradient, rate, out=gradient)
        else:
            np.multiply(velocity, rate, out=gradient)
        np.subtract(self.parameters, gradient, out=self.parameters)


class RMSprop(Optimizer):
    """Every parameter's step is divided by the size that its gradient has had lately."""

    names = ("square",)

    def __init__(self, parameters: Array, *, decay: float = 0.9, tiny: float = 1e-8) -> None:
        super().__init__(parameters)
        self.decay, self.tiny = decay, tiny

    def step(self, gradient: Array, *, rate: float, number: int) -> None:  # noqa: ARG002 - no count
        """Move by w -= rate g / (sqrt(s) + tiny)."""
        square = self.memory["square"]
        np.multiply(square, self.decay, out=square)
        np.multiply(gradient, gradient, out=self.scratch)
        np.multiply(self.scratch, 1 - self.decay, out=self.scratch)
        np.add(square, self.scratch, out=square)
        np.sqrt(square, out=self.scratch)
        np.add(self.scratch, self.tiny, out=self.scratch)
        np.divide(gradient, self.scratch, out=gradient)
        np.multiply(gradient, rate, out=gradient)
        np.subtract(self.parameters, gradient, out=self.parameters)


class Adam(Optimizer):
    """Momentum and RMSprop together, both corrected for having started at zero (Kingma 2014)."""

    names = ("mean", "square")

    def __init__(
        self, parameters: Array, *, beta1: float = 0.9, beta2: float = 0.999, tiny: float = 1e-8
    ) -> None:
        super().__init__(parameters)
        self.beta1, self.beta2, self.tiny = beta1, beta2, tiny

    def step(self, gradient: Array, *, rate: float, number: int) -> None:
        """Move by w -= rate m' / (sqrt(s') + tiny), m' and s' being the corrected means."""
        mean, square = self.memory["mean"], self.memory["square"]
        np.multiply(mean, self.beta1, out=mean)
        np.multiply(gradient, 1 - self.beta1, out=self.scratch)
        np.add(mean, self.scratch, out=mean)
        np.multiply(square, self.beta2, out=square)
        np.multiply(gradient, gradient, out=self.scratch)
        np.multiply(self.scratch, 1 - self.beta2, out=self.scratch)
        np.add(square, self.scratch, out=square)
        np.multiply(square, 1 / (1 - self.beta2**number), out=self.scratch)
        np.sqrt(self.scratch, out=self.scratch)
        np.add(self.scratch, self.tiny, out=self.scratch)
        np.divide(mean, self.scratch, out=gradient)
        np.multiply(gradient, rate / (1 - self.beta1**number), out=gradient)
        np.subtract(self.parameters, gradient, out=self.parameters)


class AdamW(Adam):
    """Adam, with weights that shrink by themselves instead of through the gradient (2017)."""

    def __init__(self, parameters: Array, *, decay: float, is_weight: Array, **adam: float) -> None:
        super().__init__(parameters, **adam)
        self.shrink = decay * is_weight

    def step(self, gradient: Array, *, rate: float, number: int) -> None:
        """Shrink the weights by rate * decay, then make Adam's step."""
        np.multiply(self.shrink, rate, out=self.scratch)
        np.multiply(self.scratch, self.parameters, out=self.scratch)
        np.subtract(self.parameters, self.scratch, out=self.parameters)
        super().step(gradient, rate=rate, number=number)


def clip(gradient: Array, *, most: float) -> None:
    """Shorten the gradient to this length if it is longer; its direction stays."""
    length = math.sqrt(gradient @ gradient)
    if length > most:
        np.multiply(gradient, most / length, out=gradient)


class Average:
    """The mean of all weights so far, the older ones counting less and less (Polyak 1992).

    While few steps are made the decay is (1 + t) / (10 + t) at most, so that the first weights,
    which know nothing, are soon forgotten.
    """

    def __init__(self, parameters: Array, *, decay: float) -> None:
        self.parameters, self.decay = parameters, decay
        self.mean = parameters.copy()
        self.scratch = np.empty_like(parameters)

    def step(self, *, number: int) -> None:
        """Take in the weights after step `number`, counted from 1."""
        fresh = 1 - min(self.decay, (1 + number) / (10 + number))
        np.subtract(self.parameters, self.mean, out=self.scratch)
        np.multiply(self.scratch, fresh, out=self.scratch)
        np.add(self.mean, self.scratch, out=self.mean)
