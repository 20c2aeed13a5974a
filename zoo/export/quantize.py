"""int8 quantization of weights: W = factor * integers from -127 to 127, one factor per unit."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zoo.config.layers import LayerConfig, LeakyRelu, PluginLayer, Relu, Sigmoid
from zoo.data.dataset import Values
from zoo.errors import ConfigError
from zoo.export.folding import (
    ActivationStep,
    AffineStep,
    DenseStep,
    PluginStep,
    StandardizeStep,
    Step,
)
from zoo.nn.buffers import Array
from zoo.nn.layers import Layer

MAX_INT8 = 127  # the range is symmetric


def quantize(weights: Array) -> tuple[npt.NDArray[np.int8], Array]:
    """Return W / factor rounded to int8, and the factor of each unit (row)."""
    factor = (np.abs(weights).max(axis=1) / MAX_INT8).astype(np.float32)
    factor[factor == 0] = 1
    return np.rint(weights / factor[:, None]).astype(np.int8), factor


def logits(steps: Sequence[Step], images: Values, *, divide: float) -> Array:
    """Return the logits (n, classes) float64 of the network with quantized weights."""
    x: Array = images / np.float64(divide)
    for step in steps:
        match step:
            case DenseStep(weights, biases):
                quantized, factor = quantize(weights)
                x = x @ (quantized * factor[:, None]).T + biases
            case AffineStep(factor, addend):
                x = x * factor + addend
            case StandardizeStep(mean, factor):
                x = (x - mean) * factor
            case ActivationStep(kind):
                x = _activate(x, kind)
            case PluginStep(kind, layer):
                x = _apply_plugin(x, kind, layer)
    return x


def _apply_plugin(x: Array, kind: PluginLayer, function: object) -> Array:
    if isinstance(function, Layer) or not callable(function):
        raise ConfigError(f"The plugin layer {kind.kind!r} cannot be exported with int8.")
    output = x.copy()
    function(output, np.empty_like(output))
    return output


def _activate(x: Array, kind: LayerConfig) -> Array:
    output: Array
    match kind:
        case Relu():
            output = np.maximum(x, 0)
        case LeakyRelu(leak=leak):
            output = np.maximum(x, leak * x)
        case Sigmoid():
            output = (1 + np.tanh(x / 2)) / 2
        case _:
            output = np.tanh(x)
    return output
