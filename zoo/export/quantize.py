"""Weights in a byte: every unit has a factor of its own, and W = factor * whole numbers to ±127."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zoo.config.layers import LayerConfig, LeakyRelu, PluginLayer, Relu, Sigmoid
from zoo.data.dataset import Values
from zoo.errors import ConfigError
from zoo.export.folding import ActivationStep, AffineStep, DenseStep, PluginStep, Step
from zoo.nn.buffers import Array
from zoo.nn.layers import Layer

MOST = 127  # as far below zero as above it


def quantize(weights: Array) -> tuple[npt.NDArray[np.int8], Array]:
    """Return the whole numbers nearest to W / factor, and the factor of each unit (row)."""
    factor = (np.abs(weights).max(axis=1) / MOST).astype(np.float32)
    factor[factor == 0] = 1
    return np.rint(weights / factor[:, None]).astype(np.int8), factor


def logits(steps: Sequence[Step], images: Values, *, divide: float) -> Array:
    """Return the logits of a network whose weights went through a byte, in float64."""
    x: Array = images / np.float64(divide)
    for step in steps:
        match step:
            case DenseStep(weights, biases):
                whole, factor = quantize(weights)
                x = x @ (whole * factor[:, None]).T + biases
            case AffineStep(factor, addend):
                x = x * factor + addend
            case ActivationStep(kind):
                x = _activate(x, kind)
            case PluginStep(kind, does):
                x = _apply_plugin(x, kind, does)
    return x


def _apply_plugin(x: Array, kind: PluginLayer, does: object) -> Array:
    if isinstance(does, Layer) or not callable(does):
        raise ConfigError(f"{kind.kind!r} of a package is not exported with int8.")
    bent = x.copy()
    does(bent, np.empty_like(bent))
    return bent


def _activate(x: Array, kind: LayerConfig) -> Array:
    bent: Array
    match kind:
        case Relu():
            bent = np.maximum(x, 0)
        case LeakyRelu(leak=leak):
            bent = np.maximum(x, leak * x)
        case Sigmoid():
            bent = (1 + np.tanh(x / 2)) / 2
        case _:
            bent = np.tanh(x)
    return bent
