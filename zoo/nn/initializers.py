"""Where weights and biases start: each initializer draws an array of (units, inputs).

Drawn in float64 whatever the network's dtype, so that one seed starts both from the same numbers.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

InitialValues = npt.NDArray[np.float64]
Initializer = Callable[[np.random.Generator, int, int], InitialValues]


def zeros(_rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
    """Nothing but zeros."""
    return np.zeros((units, inputs))


def uniform(low: float, high: float) -> Initializer:
    """Return an initializer that draws evenly from [low, high)."""
    return lambda rng, units, inputs: rng.uniform(low, high, (units, inputs))


def normal(std: float) -> Initializer:
    """Return an initializer that draws from the normal distribution around 0."""
    return lambda rng, units, inputs: std * rng.standard_normal((units, inputs))


def he(rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
    """Normal with variance 2 / inputs, which keeps the signal's size through ReLU (He 2015)."""
    return math.sqrt(2 / inputs) * rng.standard_normal((units, inputs))


def glorot(rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
    """Uniform with variance 2 / (inputs + units), a mean of both directions (Glorot 2010)."""
    limit = math.sqrt(6 / (inputs + units))
    return rng.uniform(-limit, limit, (units, inputs))
