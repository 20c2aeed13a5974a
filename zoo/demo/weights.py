"""A network as the page holds it: folded, its weights as whole numbers of 16 bits, a scale a unit.

Two networks of 784-128-10 in float32 are more than a megabyte as base64; so they are half of one.
All 10,000 test pictures are answered by every shipped network as the core does it, and no
probability is off by 0.001: `pytest tests/browser/test_demo_page.py` with MNIST at hand.
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
    Step,
    inference_steps,
)
from zoo.training.model import Model

HIGHEST = 32767  # of a whole number of 16 bits
PER_NUMBER = 8 / 3  # characters of a weight: two bytes as base64
ROOM = 750_000  # characters of weights in a page that stays under a megabyte with all else

JsonObject = dict[str, Any]


def network(model: Model) -> list[JsonObject]:
    """Return what the network does to pixel / divide, step by step."""
    return [step_to_json(step, model) for step in inference_steps(model)]


def unsupported_layer(entry: Entry) -> str:
    """Return why the page cannot show a network of this entry; nothing, if it can."""
    if not isinstance(entry.data, ImageData):
        return f"reads {entry.data.kind}; on the page one draws digits"
    for placed in entry.layers:
        if isinstance(placed.layer, PluginLayer):
            return f"has {placed.layer.kind!r} in it, a package's kind that the page does not know"
    return ""


def check_supported(model: Model) -> None:
    """Raise if the page cannot show the model."""
    if why := unsupported_layer(model.entry):
        raise ConfigError(
            f"{model.name} {why}.",
            hint="The page shows models of digits, mnist and kaggle, made of zoo's own layers.",
        )


def models_that_fit(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries whose networks fit into a page of a megabyte together, small ones first.

    They stay in the order in which they came.
    """
    known = [entry for entry in entries if entry.weights and not unsupported_layer(entry)]
    room, chosen = float(ROOM), []
    for entry in sorted(known, key=lambda entry: entry.parameters):
        room -= PER_NUMBER * entry.parameters
        if room >= 0:
            chosen.append(entry)
    return [entry for entry in known if entry in chosen]


def step_to_json(step: Step, model: Model) -> JsonObject:
    """Return a step of the inference graph as the page reads it."""
    match step:
        case DenseStep(weights, biases):
            scales = (np.abs(weights).max(axis=1) / HIGHEST).astype(np.float32)
            whole = np.rint(weights / np.where(scales == 0, 1, scales)[:, None]).astype("<i2")
            units, inputs = weights.shape
            return {
                "kind": "product",
                "units": units,
                "inputs": inputs,
                "weights": base64(whole),
                "scales": base64(scales),
                "biases": base64(biases),
            }
        case AffineStep(factor, addend):
            return {"kind": "stretch", "factor": base64(factor), "addend": base64(addend)}
        case ActivationStep(kind):
            return kind.model_dump()
        case PluginStep():
            raise AssertionError(model.name)  # refuse_unknown stands before this


def base64(values: npt.NDArray[Any]) -> str:
    """Return the bytes of an array, little-endian, as text."""
    return b64encode(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()).decode()
