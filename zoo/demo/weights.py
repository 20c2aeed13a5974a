"""Networks as JSON for the page: the inference graph, with 16-bit weights and a scale per unit.

Two networks of 784-128-10 in float32 are more than a megabyte as base64; in 16 bits, half of that.
Every shipped network predicts the same label for all 10,000 test images as the core, and no
probability differs by 0.001: `pytest tests/browser/test_demo_page.py` with MNIST installed.
"""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.datasets import ImageData
from zoo.config.entry import Entry
from zoo.config.layers import PluginLayer
from zoo.errors import ConfigError
from zoo.export.folding import (
    ActivationStep,
    AffineStep,
    DenseStep,
    PluginStep,
    StandardizeStep,
    Step,
    inference_steps,
)
from zoo.training.model import Model

HIGHEST = 32767  # the maximum of a 16-bit integer
PER_NUMBER = 8 / 3  # characters of a weight: two bytes as base64
ROOM = 750_000  # characters of weights; the whole page stays under a megabyte

JsonObject = dict[str, Any]


def network(model: Model) -> list[JsonObject]:
    """Return the steps that follow pixel / divide."""
    return [step_to_json(step, model) for step in inference_steps(model)]


def unsupported_layer(entry: Entry) -> str:
    """Return why no page supports a network of this entry; empty if one does."""
    for spec in entry.layers:
        if isinstance(spec.layer, PluginLayer):
            return f"has the plugin layer {spec.layer.kind!r}, which the page does not support"
    return ""


def check_layers(model: Model) -> None:
    """Raise if the model has a layer that no page supports."""
    if reason := unsupported_layer(model.entry):
        raise ConfigError(f"{model.name} {reason}.", hint="Choose a model with built-in layers.")


def models_that_fit(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of digits whose networks fit into a megabyte, the smallest preferred.

    The order of the entries is kept.
    """
    supported = [
        entry
        for entry in entries
        if entry.weights and isinstance(entry.data, ImageData) and not unsupported_layer(entry)
    ]
    room, fitting = float(ROOM), []
    for entry in sorted(supported, key=lambda entry: entry.parameters):
        room -= PER_NUMBER * entry.parameters
        if room >= 0:
            fitting.append(entry)
    return [entry for entry in supported if entry in fitting]


def step_to_json(step: Step, model: Model) -> JsonObject:
    """Return a step of the inference graph as the page reads it."""
    match step:
        case DenseStep(weights, biases):
            scales = (np.abs(weights).max(axis=1) / HIGHEST).astype(np.float32)
            quantized = np.rint(weights / np.where(scales == 0, 1, scales)[:, None]).astype("<i2")
            units, inputs = weights.shape
            return {
                "kind": "product",
                "units": units,
                "inputs": inputs,
                "weights": base64(quantized),
                "scales": base64(scales),
                "biases": base64(biases),
            }
        case AffineStep(factor, addend):
            return {"kind": "stretch", "factor": base64(factor), "addend": base64(addend)}
        case ActivationStep(kind):
            return kind.model_dump()
        case StandardizeStep(mean, factor):
            return {"kind": "standardize", "mean": base64(mean), "factor": base64(factor)}
        case PluginStep():
            raise AssertionError(model.name)  # check_layers was called before


def base64(values: npt.NDArray[Any]) -> str:
    """Return the bytes of an array, little-endian, as text."""
    return b64encode(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()).decode()
