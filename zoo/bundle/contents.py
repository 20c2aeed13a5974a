"""The files of a bundle: the program, its models, their test vectors, cards and licences."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import distributions
from importlib.resources import files
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo import __version__
from zoo.bundle import card
from zoo.bundle.app.model import INDEX
from zoo.config.dataset_info import Source
from zoo.data.dataset import Values
from zoo.errors import ConfigError
from zoo.export import folding, metadata
from zoo.export.folding import (
    ActivationStep,
    AffineStep,
    DenseStep,
    PluginStep,
    StandardizeStep,
)
from zoo.export.sample_inputs import samples
from zoo.nn.losses import softmax
from zoo.training.model import Model

VECTORS = 20  # test images
DECIMALS = 6  # the decimals of the stored probabilities

Floats = npt.NDArray[np.floating[Any]]
Arrays = dict[str, npt.NDArray[Any]]
Files = dict[str, bytes]


def contents(models: Sequence[Model]) -> Files:
    """Return the files of a bundle by path; the same models give the same bytes."""
    names = [model.name for model in models]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"Two models are named {repeated[0]!r}.")
    bundle = program()
    bundle[INDEX] = _json({"zoo": __version__, "models": names})
    for model in models:
        bundle |= {f"models/{model.name}/{name}": file for name, file in _files(model).items()}
    bundle["LICENSE"] = _licence(models).encode()
    return bundle


def program() -> Files:
    """Return the source of the program, its entry point at the top, with zoo's own constants."""
    app = files("zoo.bundle.app")
    sources = {file.name: file.read_bytes() for file in app.iterdir() if file.name.endswith(".py")}
    sources["constants.py"] = (files("zoo.data.images") / "constants.py").read_bytes()
    start = {"__main__.py": sources.pop("__main__.py")}
    return start | {f"app/{name}": source for name, source in sorted(sources.items())}


def _files(model: Model) -> Files:
    steps, arrays = _steps(model)
    weights = tensors(arrays)
    source = model.source
    facts = {
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
        **_form(source),
    }
    images, logits = test_vectors(model)
    return {
        "model.json": _json(facts),
        "weights.safetensors": weights,
        "test_vectors.safetensors": tensors(
            {f"{source.noun}s": images, "probabilities": probabilities(logits)}
        ),
        "card.md": card.card_of(model).encode(),
    }


def _form(source: Source) -> dict[str, Any]:
    """Return how files become inputs of the network, where it is not the way of digits."""
    form = source.table
    if form:
        return {"table": asdict(form) | {"ignored": sorted(form.ignored)}}
    return {"fit": source.fit} if source.has_images and source.fit != "ink" else {}


def test_vectors(model: Model) -> tuple[Values, Floats]:
    """Return test inputs (n, features), uint8 or float32, and their logits (n, classes) float64.

    In float32 the last bits depend on the processor's kernels, and a bundle would store them.
    """
    images = samples(model.entry, VECTORS)
    return images, model.network_in_float64().logits(images)


def probabilities(logits: Floats) -> Floats:
    """Return the softmax rounded to the decimals that are equal on every machine."""
    return softmax(logits).round(DECIMALS).astype(np.float32)


def _steps(model: Model) -> tuple[list[dict[str, Any]], Arrays]:
    """Return the steps that follow pixel / divide, and the arrays that they name."""
    specs: list[dict[str, Any]] = []
    arrays: Arrays = {}
    numbers = count(1)
    for step in folding.inference_steps(model):
        match step:
            case DenseStep(weights, biases):
                number = next(numbers)
                arrays |= {f"W{number}": weights.T, f"b{number}": biases}
                specs.append({"kind": "product", "weights": f"W{number}", "biases": f"b{number}"})
            case AffineStep(factor, addend):
                number = next(numbers)
                arrays |= {f"factor{number}": factor, f"addend{number}": addend}
                specs.append(
                    {"kind": "stretch", "factor": f"factor{number}", "addend": f"addend{number}"}
                )
            case StandardizeStep(mean, factor):
                arrays |= {"mean": mean, "factor": factor}
                specs.append({"kind": "standardize", "mean": "mean", "factor": "factor"})
            case ActivationStep(kind):
                specs.append(kind.model_dump())
            case PluginStep(kind):
                raise ConfigError(
                    f"{model.name} has the layer {kind.kind!r}, which a plugin provides; "
                    "a bundle runs without plugins.",
                    hint=f"Export it with `zoo export {model.name} --onnx` instead.",
                )
    return specs, arrays


def tensors(arrays: Arrays) -> bytes:
    """Return arrays of float32 and uint8 as safetensors."""
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def _json(facts: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(facts, indent=1)}\n".encode()


def _licence(models: Iterable[Model]) -> str:
    """Return the licences of zoo, of the data and of the originals."""
    names = ("licenses/LICENSE", "LICENSE")  # setuptools' folder in a clone has neither
    texts = (zoo.read_text(name) for zoo in distributions(name="numpy-zoo") for name in names)
    text = next(filter(None, texts), "zoo: MIT\n")
    lines = [f"{model.name}: {metadata.licence(model)}\n" for model in models]
    return f"{text}\n{''.join(lines)}"
