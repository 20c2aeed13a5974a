"""Initializers of weights and biases: each returns an array of (units, inputs) float64.

They draw in float64 whatever the network's dtype, so that float32 and float64 networks of one seed
start from the same numbers.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

InitialValues = npt.NDArray[np.float64]
Initializer = Callable[[np.random.Generator, int, int], InitialValues]


def zeros(_rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
    """Return zeros."""
    return np.zeros((units, inputs))


def uniform(low: float, high: float) -> Initializer:
    """Return an initializer with the uniform distribution on [low, high)."""
    return lambda rng, units, inputs: rng.uniform(low, high, (units, inputs))


def normal(std: float) -> Initializer:
    """Return an initializer with the normal distribution of mean 0."""
    return lambda rng, units, inputs: std * rng.standard_normal((units, inputs))


def he(rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
    """Draw from the normal distribution with variance 2 / inputs, for ReLU (He 2015)."""
    return math.sqrt(2 / inputs) * rng.standard_normal((units, inputs))


def glorot(rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
    """Draw from the uniform distribution with variance 2 / (inputs + units) (Glorot 2010)."""
    limit = math.sqrt(6 / (inputs + units))
    return rng.uniform(-limit, limit, (units, inputs))
