"""Central differences, and the relative error of a gradient against them."""

from collections.abc import Callable

import numpy as np

from zoo.nn.buffers import Array

STEP = 1e-5


def central_differences(function: Callable[[], float], x: Array) -> Array:
    """Return d function / dx; each number of x is changed in place and restored."""
    gradient = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        x[index] = value + STEP
        above = function()
        x[index] = value - STEP
        gradient[index] = (above - function()) / (2 * STEP)
        x[index] = value
    return gradient


def relative_error(a: Array, b: Array) -> float:
    """Return |a - b| / (|a| + |b|) with the norms of whole arrays; 0 if both are 0."""
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0
