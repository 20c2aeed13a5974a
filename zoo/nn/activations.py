"""Activation functions. Each computes a(z) in place and writes da/dz to a second array.

ReLU           a = max(z, 0)             da/dz = 1 where z > 0, else 0
leaky ReLU     a = max(z, slope z)       da/dz = 1 where z > 0, else slope
sigmoid        a = 1 / (1 + exp(-z))     da/dz = a (1 - a)
tanh           a = tanh(z)               da/dz = 1 - a²
"""

from collections.abc import Callable

import numpy as np

from zoo.nn.buffers import Array

ActivationFunction = Callable[[Array, Array], None]


def relu(z: Array, derivative: Array) -> None:
    """Write max(z, 0) over z and its derivative into `derivative`."""
    np.greater(z, 0, out=derivative)
    np.multiply(z, derivative, out=z)  # np.maximum takes three times as long


def leaky_relu(negative_slope: float) -> ActivationFunction:
    """Return the activation max(z, negative_slope z)."""

    def activation(z: Array, derivative: Array) -> None:
        np.greater(z, 0, out=derivative)
        np.maximum(derivative, negative_slope, out=derivative)
        np.multiply(z, derivative, out=z)

    return activation


def sigmoid(z: Array, derivative: Array) -> None:
    """Write 1 / (1 + exp(-z)) over z and its derivative into `derivative`."""
    np.multiply(z, 0.5, out=z)  # (1 + tanh(z/2)) / 2 overflows for no z
    np.tanh(z, out=z)
    np.add(z, 1, out=z)
    np.multiply(z, 0.5, out=z)
    np.subtract(1, z, out=derivative)
    np.multiply(derivative, z, out=derivative)


def tanh(z: Array, derivative: Array) -> None:
    """Write the hyperbolic tangent over z and its derivative into `derivative`."""
    np.tanh(z, out=z)
    np.multiply(z, z, out=derivative)
    np.subtract(1, derivative, out=derivative)
