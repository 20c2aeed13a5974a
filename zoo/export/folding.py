"""A network as an export sees it: products and bends; what only training needs is gone.

Dropout does nothing to an answer. Batch normalization is then factor * x + addend, feature by
feature, with factor = gamma / deviation and addend = beta - factor * mean, and goes into the
product beside it:

    below it   factor * (x Wᵀ + b) + addend  =  x (factor W)ᵀ + (factor b + addend)
    above it   (factor * x + addend) Wᵀ + b  =  x (W factor)ᵀ + (W addend + b)

The mean and the deviation of the pixels go the same way: the border of a digit is always black, and
only while black is 0 does a normalization that blows such pixels up leave them as they are.
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
    """factor * x + addend, where no product is beside it, only bends."""

    factor: Array
    addend: Array


@dataclass(frozen=True)
class ActivationStep:
    """An activation."""

    kind: LayerConfig


@dataclass(frozen=True)
class PluginStep:
    """What a package's layer does, which it says itself in ONNX."""

    kind: PluginLayer
    layer: object  # the function, or the layer


Step = DenseStep | AffineStep | ActivationStep | PluginStep


def inference_steps(model: Model) -> list[Step]:
    """Return what the network does to pixel / divide, folded in float64 and kept in float32."""
    found = _centring(model.entry)
    for placed, layer in zip(model.entry.layers, model.network.layers, strict=True):
        _add(found, placed, layer)
    return list(_in_float32(found))


def _centring(entry: Entry) -> list[Step]:
    """Return (x - mean) / std, if it changes anything."""
    chosen, like = entry.preprocess, np.ones(entry.data.features)
    if (chosen.mean, chosen.std) == (0, 1):
        return []
    return [AffineStep(like / chosen.std, like * chosen.shift)]


def _add(found: list[Step], placed: LayerSpec, layer: Layer) -> None:
    below = found[-1] if found else None
    if isinstance(layer, Dense):
        weights, biases = layer.weights.astype(np.float64), layer.biases[:, 0].astype(np.float64)
        if isinstance(below, AffineStep):
            found.pop()
            biases += weights @ below.addend
            weights *= below.factor
        found.append(DenseStep(weights, biases))
    elif isinstance(layer, BatchNorm):
        mean, variance = layer.statistics.astype(np.float64)
        factor = layer.gamma / np.sqrt(variance + layer.epsilon)
        addend = layer.beta - factor * mean
        if isinstance(below, DenseStep):
            weights = below.weights * factor[:, None]
            found[-1] = DenseStep(weights, below.biases * factor + addend)
        elif isinstance(below, AffineStep):
            found[-1] = AffineStep(below.factor * factor, below.addend * factor + addend)
        else:
            found.append(AffineStep(factor, addend))
    elif isinstance(placed.layer, PluginLayer):
        does = layer.function if isinstance(layer, Activation) else layer
        found.append(PluginStep(placed.layer, does))
    elif not isinstance(placed.layer, Dropout):
        found.append(ActivationStep(placed.layer))


def _in_float32(found: Iterable[Step]) -> Iterator[Step]:
    with np.errstate(over="ignore"):  # an infinity is found when the export is verified
        for step in found:
            match step:
                case DenseStep(weights, biases):
                    yield DenseStep(weights.astype(np.float32), biases.astype(np.float32))
                case AffineStep(factor, addend):
                    yield AffineStep(factor.astype(np.float32), addend.astype(np.float32))
                case ActivationStep() | PluginStep():
                    yield step
