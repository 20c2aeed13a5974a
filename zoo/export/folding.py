"""The inference graph: dense, affine and activation steps, with everything else folded in.

Dropout has no effect at inference. Batch normalization is factor * x + addend per feature, with
factor = gamma / deviation and addend = beta - factor * mean. It is folded into a dense layer:

    dense first   factor * (x Wᵀ + b) + addend  =  x (factor W)ᵀ + (factor b + addend)
    dense next    (factor * x + addend) Wᵀ + b  =  x (W factor)ᵀ + (W addend + b)

The mean and deviation of the pixels are folded in the same way. The border of a digit is always
black: only while black is 0 does a normalization that amplifies such pixels leave them unchanged.
Those of the columns of a table stay a step: see Preprocess.column_means.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from zoo.config.entry import Entry, LayerSpec
from zoo.config.layers import Dropout, LayerConfig, PluginLayer
from zoo.nn.buffers import Array
from zoo.nn.layers import Activation, BatchNorm, Dense, Layer
from zoo.training.model import Model


@dataclass(frozen=True)
class DenseStep:
    """x Wᵀ + b."""

    weights: Array
    biases: Array


@dataclass(frozen=True)
class AffineStep:
    """factor * x + addend, next to activations only; a dense neighbour would absorb it."""

    factor: Array
    addend: Array


@dataclass(frozen=True)
class StandardizeStep:
    """factor * (x - mean), of each column of a table."""

    mean: Array
    factor: Array


@dataclass(frozen=True)
class ActivationStep:
    """An activation function."""

    kind: LayerConfig


@dataclass(frozen=True)
class PluginStep:
    """A plugin's layer, which writes its own ONNX nodes."""

    kind: PluginLayer
    layer: object  # the function, or the layer


Step = DenseStep | AffineStep | StandardizeStep | ActivationStep | PluginStep


def inference_steps(model: Model) -> list[Step]:
    """Return the steps that follow pixel / divide, folded in float64, stored in float32."""
    steps = _standardization(model.entry)
    for spec, layer in zip(model.entry.layers, model.network.layers, strict=True):
        _append(steps, spec, layer)
    return list(_in_float32(steps))


def _standardization(entry: Entry) -> list[Step]:
    """Return (x - mean) / std, or no step if mean is 0 and std 1."""
    preprocess, ones = entry.preprocess, np.ones(entry.data.features)
    if (preprocess.mean, preprocess.std) == (0, 1):
        return []
    if preprocess.columns is not None:
        return [StandardizeStep(np.array(preprocess.mean), 1 / np.array(preprocess.std))]
    return [AffineStep(ones / preprocess.std, ones * preprocess.shift)]


def _append(steps: list[Step], spec: LayerSpec, layer: Layer) -> None:
    """Append a layer's step, or fold it into the last one."""
    previous = steps[-1] if steps else None
    if isinstance(layer, Dense):
        weights, biases = layer.weights.astype(np.float64), layer.biases[:, 0].astype(np.float64)
        if isinstance(previous, AffineStep):
            steps.pop()
            biases += weights @ previous.addend
            weights *= previous.factor
        steps.append(DenseStep(weights, biases))
    elif isinstance(layer, BatchNorm):
        mean, variance = layer.statistics.astype(np.float64)
        gamma, beta = layer.parameters
        factor = gamma / np.sqrt(variance + layer.epsilon)
        addend = beta - factor * mean
        if isinstance(previous, DenseStep):
            weights = previous.weights * factor[:, None]
            steps[-1] = DenseStep(weights, previous.biases * factor + addend)
        elif isinstance(previous, AffineStep):
            steps[-1] = AffineStep(previous.factor * factor, previous.addend * factor + addend)
        else:
            steps.append(AffineStep(factor, addend))
    elif isinstance(spec.layer, PluginLayer):
        function = layer.function if isinstance(layer, Activation) else layer
        steps.append(PluginStep(spec.layer, function))
    elif not isinstance(spec.layer, Dropout):
        steps.append(ActivationStep(spec.layer))


def _in_float32(steps: Iterable[Step]) -> Iterator[Step]:
    with np.errstate(over="ignore"):  # verification reports an infinity
        for step in steps:
            match step:
                case DenseStep(weights, biases):
                    yield DenseStep(weights.astype(np.float32), biases.astype(np.float32))
                case AffineStep(factor, addend):
                    yield AffineStep(factor.astype(np.float32), addend.astype(np.float32))
                case StandardizeStep(mean, factor):
                    yield StandardizeStep(mean.astype(np.float32), factor.astype(np.float32))
                case ActivationStep() | PluginStep():
                    yield step
