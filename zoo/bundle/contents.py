"""What a bundle holds, file by file: the program, its models, their tests, cards and licences."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distribution
from importlib.resources import files
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo import __version__
from zoo.bundle import card
from zoo.bundle.app.model import INDEX
from zoo.data.dataset import Values
from zoo.data.images.normalize import DIGITS, MNIST
from zoo.errors import ConfigError
from zoo.export import folding, metadata
from zoo.export.folding import ActivationStep, AffineStep, DenseStep, PluginStep
from zoo.export.sample_inputs import samples
from zoo.nn.losses import softmax
from zoo.training import build
from zoo.training.model import Model

VECTORS = 20  # pictures with their answers
DECIMALS = 6

Floats = npt.NDArray[np.floating[Any]]
Arrays = dict[str, npt.NDArray[Any]]
Files = dict[str, bytes]


def contents(models: Sequence[Model]) -> Files:
    """Return the files of a bundle by their paths; the same models give the same bytes."""
    for model in models:
        _refuse_what_cannot_be_packed(model)
    names = [model.name for model in models]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"Two models are named {twice[0]!r}.")
    found = _program()
    found[INDEX] = _json({"zoo": __version__, "models": names})
    for model in models:
        found |= {f"models/{model.name}/{name}": text for name, text in _files(model).items()}
    found["LICENSE"] = _licence(models).encode()
    return found


def _refuse_what_cannot_be_packed(model: Model) -> None:
    if not model.source.has_images:
        raise ConfigError(
            f"{model.name} answers for rows of a table; a bundle reads pictures.",
            hint=f"`zoo export {model.name} --onnx` gives it away in another form.",
        )
    if model.source.shape not in {MNIST, DIGITS}:
        rows, columns = model.source.shape
        raise ConfigError(
            f"{model.name} wants pictures of {rows} x {columns} pixels; "
            "a bundle makes them 28 x 28 or 8 x 8."
        )


def _program() -> Files:
    """Return the source of the program; what starts it stands at the top."""
    app = files("zoo.bundle.app")
    sources = {one.name: one.read_bytes() for one in app.iterdir() if one.name.endswith(".py")}
    start = {"__main__.py": sources.pop("__main__.py")}
    return start | {f"app/{name}": source for name, source in sorted(sources.items())}


def _files(model: Model) -> Files:
    steps, arrays = _steps(model)
    weights = tensors(arrays)
    source = model.source
    known = {
        "name": model.name,
        "entry": model.entry.name,
        "zoo": __version__,
        "summary": model.entry.summary,
        "data": source.title,
        "shape": source.shape,
        "highest": source.highest,
        "classes": source.classes,
        "labels": source.labels,
        "answer": source.label_noun,
        "divide": model.entry.preprocess.divide,
        "steps": steps,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }
    images, logits = test_vectors(model)
    return {
        "model.json": _json(known),
        "weights.safetensors": weights,
        "test_vectors.safetensors": tensors(
            {"images": images, "probabilities": probabilities(logits)}
        ),
        "card.md": card.card_of(model).encode(),
    }


def test_vectors(model: Model) -> tuple[Values, Floats]:
    """Return test pictures, and their logits by the core in float64.

    In float32 the last bits are those of a processor's kernels, and a bundle would hold them.
    """
    images = samples(model.entry, VECTORS)
    network = build.build_network(model.entry, np.random.default_rng(0), dtype=np.float64)
    network.parameters[:] = model.network.parameters
    network.statistics[:] = model.network.statistics
    return images, network.logits(images)


def probabilities(logits: Floats) -> Floats:
    """Return the softmax as a bundle keeps it: to the last decimal that every machine has alike."""
    return softmax(logits).round(DECIMALS).astype(np.float32)


def _steps(model: Model) -> tuple[list[dict[str, Any]], Arrays]:
    """Return what the network does to pixel / divide, and the arrays that this names."""
    told: list[dict[str, Any]] = []
    arrays: Arrays = {}
    numbers = count(1)
    for step in folding.inference_steps(model):
        match step:
            case DenseStep(weights, biases):
                number = next(numbers)
                arrays |= {f"W{number}": weights.T, f"b{number}": biases}
                told.append({"kind": "product", "weights": f"W{number}", "biases": f"b{number}"})
            case AffineStep(factor, addend):
                number = next(numbers)
                arrays |= {f"factor{number}": factor, f"addend{number}": addend}
                told.append(
                    {"kind": "stretch", "factor": f"factor{number}", "addend": f"addend{number}"}
                )
            case ActivationStep(kind):
                told.append(kind.model_dump())
            case PluginStep(kind):
                raise ConfigError(
                    f"{model.name} has the layer {kind.kind!r}, which a package brings; "
                    "a bundle holds nothing but what runs without one.",
                    hint=f"`zoo export {model.name} --onnx` gives it away in another form.",
                )
    return told, arrays


def tensors(arrays: Arrays) -> bytes:
    """Return arrays of float32 and uint8 as safetensors."""
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def _json(facts: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(facts, indent=1)}\n".encode()


def _licence(models: Iterable[Model]) -> str:
    """Return the licence of zoo, and what is known of the data's and the READMEs'."""
    found = distribution("numpy-zoo")
    text = found.read_text("licenses/LICENSE") or found.read_text("LICENSE") or "zoo: MIT\n"
    lines = [f"{model.name}: {metadata.licence(model)}\n" for model in models]
    return f"{text}\n{''.join(lines)}"
