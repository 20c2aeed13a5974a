"""Central differences, relative errors and layers without a network."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from zoo.nn.buffers import Array
from zoo.nn.layers import Layer

AnyLayer = TypeVar("AnyLayer", bound=Layer)

LIMIT = 1e-6  # the maximum relative error, in float64


def central_differences(loss: Callable[[], float], at: Array, *, step: float = 1e-5) -> Array:
    """Return dloss/dat; each number of `at` is changed in place and restored."""
    differences = np.empty_like(at)
    for index, value in np.ndenumerate(at):
        at[index] = value + step
        above = loss()
        at[index] = value - step
        below = loss()
        at[index] = value
        differences[index] = (above - below) / (2 * step)
    return differences


def relative_error(one: Array, other: Array) -> float:
    """Return |one - other| / (|one| + |other|) over the whole arrays."""
    return float(np.linalg.norm(one - other) / (np.linalg.norm(one) + np.linalg.norm(other)))


def standalone(layer: AnyLayer) -> AnyLayer:
    """Return the layer with a gradient, which a network would set."""
    layer.gradient = np.zeros_like(layer.parameters)
    return layer
