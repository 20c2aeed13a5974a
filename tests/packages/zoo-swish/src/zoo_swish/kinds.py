"""An activation and an optimizer."""

import numpy as np

from zoo.export.graph_builder import NodeWriter
from zoo.nn.buffers import Array
from zoo.nn.optimizers import Optimizer


class Swish:
    """z * sigmoid(slope z): a smooth version of relu (Ramachandran 2017)."""

    def __init__(self, slope: float = 1.0) -> None:
        if slope <= 0:
            raise ValueError("slope must be above 0")
        self.slope = slope

    def __call__(self, z: Array, derivative: Array) -> None:
        """Write swish(z) over z, and its derivative s + slope z s (1 - s)."""
        s = 1 / (1 + np.exp(-self.slope * z))
        np.copyto(derivative, s + self.slope * z * s * (1 - s))
        np.multiply(z, s, out=z)

    def onnx(self, x: str, nodes: NodeWriter) -> str:
        """Return the name of swish(x)."""
        scaled = nodes.add("Mul", x, nodes.number(self.slope))
        return nodes.add("Mul", x, nodes.add("Sigmoid", scaled))


class Lion(Optimizer):
    """The sign of a momentum as the step, so that all steps have one size (Chen 2023)."""

    state_names = ("momentum",)

    def __init__(self, parameters: Array, *, beta1: float = 0.9, beta2: float = 0.99) -> None:
        super().__init__(parameters)
        self.beta1, self.beta2 = beta1, beta2

    def update_block(
        self, block: slice, gradient: Array, *, learning_rate: float, step: int
    ) -> None:
        """Compute w -= learning_rate sign(beta1 m + (1 - beta1) g), and then update m."""
        m = self.state["momentum"][block]
        self.parameters[block] -= learning_rate * np.sign(
            self.beta1 * m + (1 - self.beta1) * gradient
        )
        np.copyto(m, self.beta2 * m + (1 - self.beta2) * gradient)
