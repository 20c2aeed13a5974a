"""A network as the page holds it: folded, its weights as whole numbers of 16 bits, a scale a unit.

Two networks of 784-128-10 in float32 are more than a megabyte as base64; in 16 bits they are half of
one. Of all 10,000 test pictures every shipped network answers each as the core does, and no
probability is further off than 0.0005: `pytest tests/test_demo_network.py -m slow`. float16, which is
as small, is off by up to 0.002 and answers three of them otherwise.
"""

from base64 import b64encode
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo import kinds
from zoo.errors import ConfigError
from zoo.export.folding import Bend, Own, Product, Step, Stretch, steps
from zoo.model import Model

HIGHEST = 32767  # of a whole number of 16 bits

Facts = dict[str, Any]


def network(model: Model) -> list[Facts]:
    """Return what the network does to pixel / divide, step by step."""
    return [_told(step, model) for step in steps(model)]


def refuse_unknown(model: Model) -> None:
    """Raise if the page cannot show what the network reads, or does not know what is in it."""
    data = model.entry.data
    if not isinstance(data, kinds.Pictures):
        raise ConfigError(
            f"{model.name} reads {data.kind}; on the page one draws digits.",
            hint="Models of digits, mnist and kaggle can be shown.",
        )
    for placed in model.entry.layers:
        if isinstance(placed.layer, kinds.BroughtLayer):
            raise ConfigError(
                f"{model.name} has {placed.layer.kind!r} in it, which a package brings; "
                "the page does not know it.",
                hint="`zoo export --onnx` gives such a model away.",
            )


def _told(step: Step, model: Model) -> Facts:
    match step:
        case Product(weights, biases):
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
        case Stretch(factor, addend):
            return {"kind": "stretch", "factor": base64(factor), "addend": base64(addend)}
        case Bend(kind):
            return kind.model_dump()
        case Own():
            raise AssertionError(model.name)  # refuse_unknown stands before this


def base64(values: npt.NDArray[Any]) -> str:
    """Return the bytes of an array, little-endian, as text."""
    return b64encode(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()).decode()
