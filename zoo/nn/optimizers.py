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

from zoo.nn.arrays import Array

PIECE = 32_768  # elements; Adam has five such pieces in hand, 655 kB


class Optimizer(ABC):
    """Changes the parameters; what it remembers is in `memory`, one flat vector a name."""

    names: tuple[str, ...] = ()

    def __init__(self, parameters: Array) -> None:
        self.parameters = parameters
        self.memory = {name: np.zeros_like(parameters) for name in self.names}
        self.pieces = _pieces(parameters)
        self.scratch = np.empty_like(parameters[:PIECE])

    def step(self, gradient: Array, *, rate: float, number: int) -> None:
        """Make step `number`, counted from 1; the gradient may be used up."""
        for at in self.pieces:
            self.move(at, gradient[at], rate=rate, number=number)

    @abstractmethod
    def move(self, at: slice, g: Array, *, rate: float, number: int) -> None:
        """Change a piece of the parameters, given the gradient there."""


def _pieces(vector: Array) -> list[slice]:
    return [slice(start, start + PIECE) for start in range(0, len(vector), PIECE)]


class SGD(Optimizer):
    """Straight down the gradient."""

    def move(self, at: slice, g: Array, *, rate: float, number: int) -> None:  # noqa: ARG002 - no count
        """Move by w -= rate g."""
        w = self.parameters[at]
        np.multiply(g, rate, out=g)
        np.subtract(w, g, out=w)


class Momentum(Optimizer):
    """A ball that keeps rolling; with Nesterov's correction it looks where it will be."""

    names = ("velocity",)

    def __init__(self, parameters: Array, *, momentum: float, nesterov: bool = False) -> None:
        super().__init__(parameters)
        self.momentum, self.nesterov = momentum, nesterov

    def move(self, at: slice, g: Array, *, rate: float, number: int) -> None:  # noqa: ARG002 - no count
        """Move by w -= rate v, or by w -= rate (g + momentum v)."""
        w, v, scratch = self.parameters[at], self.memory["velocity"][at], self.scratch[: len(g)]
        np.multiply(v, self.momentum, out=v)
        np.add(v, g, out=v)
        if self.nesterov:
            np.multiply(v, self.momentum, out=scratch)
            np.add(g, scratch, out=g)
            np.multiply(g, rate, out=g)
        else:
            np.multiply(v, rate, out=g)
        np.subtract(w, g, out=w)


class RMSprop(Optimizer):
    """Every parameter's step is divided by the size that its gradient has had lately."""

    names = ("square",)

    def __init__(self, parameters: Array, *, decay: float = 0.9, tiny: float = 1e-8) -> None:
        super().__init__(parameters)
        self.decay, self.tiny = decay, tiny

    def move(self, at: slice, g: Array, *, rate: float, number: int) -> None:  # noqa: ARG002 - no count
        """Move by w -= rate g / (sqrt(s) + tiny)."""
        w, s, scratch = self.parameters[at], self.memory["square"][at], self.scratch[: len(g)]
        np.multiply(s, self.decay, out=s)
        np.multiply(g, g, out=scratch)
        np.multiply(scratch, 1 - self.decay, out=scratch)
        np.add(s, scratch, out=s)
        np.sqrt(s, out=scratch)
        np.add(scratch, self.tiny, out=scratch)
        np.divide(g, scratch, out=g)
        np.multiply(g, rate, out=g)
        np.subtract(w, g, out=w)


class Adam(Optimizer):
    """Momentum and RMSprop together, both corrected for having started at zero (Kingma 2014).

    Kept are sums that fade, not means: what makes means of them is a number, and spares two passes.
    """

    names = ("gradients", "squares")

    def __init__(
        self, parameters: Array, *, beta1: float = 0.9, beta2: float = 0.999, tiny: float = 1e-8
    ) -> None:
        super().__init__(parameters)
        self.beta1, self.beta2, self.tiny = beta1, beta2, tiny

    def move(self, at: slice, g: Array, *, rate: float, number: int) -> None:
        """Move by w -= rate m' / (sqrt(s') + tiny), m' and s' being the corrected means."""
        w, scratch = self.parameters[at], self.scratch[: len(g)]
        m, s = self.memory["gradients"][at], self.memory["squares"][at]
        np.multiply(m, self.beta1, out=m)
        np.add(m, g, out=m)
        np.multiply(s, self.beta2, out=s)
        np.multiply(g, g, out=g)
        np.add(s, g, out=s)
        root = math.sqrt((1 - self.beta2) / (1 - self.beta2**number))  # sqrt(s') is root sqrt(s)
        np.sqrt(s, out=scratch)
        np.add(scratch, self.tiny / root, out=scratch)
        np.divide(m, scratch, out=g)
        np.multiply(g, rate * (1 - self.beta1) / (1 - self.beta1**number) / root, out=g)
        np.subtract(w, g, out=w)


class AdamW(Adam):
    """Adam, with weights that shrink by themselves instead of through the gradient (2017)."""

    def __init__(self, parameters: Array, *, decay: float, is_weight: Array, **adam: float) -> None:
        super().__init__(parameters, **adam)
        self.decay, self.spared = decay, np.flatnonzero(is_weight == 0)

    def step(self, gradient: Array, *, rate: float, number: int) -> None:
        """Shrink the weights by rate * decay, then make Adam's step."""
        others = self.parameters[self.spared]
        np.multiply(self.parameters, 1 - rate * self.decay, out=self.parameters)
        self.parameters[self.spared] = others
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
        self.pieces = _pieces(parameters)
        self.scratch = np.empty_like(parameters[:PIECE])

    def step(self, *, number: int) -> None:
        """Take in the weights after step `number`, counted from 1."""
        fresh = 1 - min(self.decay, (1 + number) / (10 + number))
        for at in self.pieces:
            w, mean = self.parameters[at], self.mean[at]
            scratch = self.scratch[: len(w)]
            np.subtract(w, mean, out=scratch)
            np.multiply(scratch, fresh, out=scratch)
            np.add(mean, scratch, out=mean)
