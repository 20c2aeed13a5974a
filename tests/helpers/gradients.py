"""Central differences, relative errors and allocated layers."""

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


def allocated_layer(layer: AnyLayer, *, inputs: int, rows: int) -> AnyLayer:
    """Return the layer, built and allocated in float64 for this number of rows."""
    layer.build(inputs)
    layer.attach(
        np.zeros(layer.parameter_shape),
        np.zeros(layer.parameter_shape),
        np.zeros(layer.statistics_shape),
    )
    layer.allocate(rows)
    return layer


def with_bias_column(x: Array, one: float = 1.0) -> Array:
    """Return a copy of x with the bias column of ones."""
    return np.column_stack([x, np.full(len(x), one)])
