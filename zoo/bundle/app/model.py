"""A model of the bundle: its metadata, its weights and its predictions."""

from __future__ import annotations

import hashlib
import json
from math import exp, isfinite, tanh

from . import safetensors
from .errors import CorruptError
from .float32 import rounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence
    from typing import Any

    from .table import TableForm

    Step = Callable[[list[float]], list[float]]
    Read = Callable[[str], bytes]  # the content of a file of the bundle, by path

INDEX = "models/index.json"
ACTIVATIONS = {"relu", "leaky_relu", "sigmoid", "tanh"}
ROWS_PER_PASS = 4  # rows of weights that are added in one pass


class DenseStep:
    """x W + b. W has one row per input, so that inputs of 0 are skipped."""

    def __init__(self, weights: array[float], biases: list[float]) -> None:
        self.weights = weights
        self.biases = biases

    @property
    def multiplications(self) -> int:
        """The number of multiplications for one image."""
        return len(self.weights)

    def __call__(self, x: list[float]) -> list[float]:
        """Return x W + b."""
        weights, units = self.weights, len(self.biases)
        nonzero = [index for index, value in enumerate(x) if value]
        sums = self.biases
        end = len(nonzero) - len(nonzero) % ROWS_PER_PASS
        for start in range(0, end, ROWS_PER_PASS):
            i, j, k, m = nonzero[start : start + ROWS_PER_PASS]
            a, b, c, d = x[i], x[j], x[k], x[m]
            rows = zip(
                sums,
                weights[i * units : (i + 1) * units],
                weights[j * units : (j + 1) * units],
                weights[k * units : (k + 1) * units],
                weights[m * units : (m + 1) * units],
            )
            sums = [sum_ + a * p + b * q + c * r + d * s for sum_, p, q, r, s in rows]
        for index in nonzero[end:]:
            a = x[index]
            row = weights[index * units : (index + 1) * units]
            sums = [sum_ + a * weight for sum_, weight in zip(sums, row)]
        return sums


class AffineStep:
    """factor * x + addend."""

    def __init__(self, factor: list[float], addend: list[float]) -> None:
        self.factor = factor
        self.addend = addend

    def __call__(self, x: list[float]) -> list[float]:
        """Return factor * x + addend."""
        return [f * value + a for f, value, a in zip(self.factor, x, self.addend)]


class StandardizeStep:
    """factor * (x - mean)."""

    def __init__(self, mean: list[float], factor: list[float]) -> None:
        self.mean = mean
        self.factor = factor

    def __call__(self, x: list[float]) -> list[float]:
        """Return factor * (x - mean)."""
        return [f * (value - m) for f, value, m in zip(self.factor, x, self.mean)]


class ActivationStep:
    """An activation function."""

    def __init__(self, kind: str, leak: float = 0.0) -> None:
        self.kind = kind
        self.leak = leak

    def __call__(self, x: list[float]) -> list[float]:
        """Return a(x) for each value."""
        if self.kind == "sigmoid":
            return [(1 + tanh(value / 2)) / 2 for value in x]  # cannot overflow
        if self.kind == "tanh":
            return list(map(tanh, x))
        leak = self.leak
        return [value if value > 0 else leak * value for value in x]


class Model:
    """A network and its metadata; reading it compares the weights with their digest."""

    def __init__(self, read: Read, name: str) -> None:
        self.read, self.name = read, name
        try:
            self._describe(json.loads(read(self.path("model.json"))))
        except (ValueError, KeyError, TypeError):
            msg = f"{self.path('model.json')} is damaged."
            raise CorruptError(msg) from None

    def path(self, file: str) -> str:
        """Return the path of one of the model's files in the bundle."""
        return f"models/{self.name}/{file}"

    def _describe(self, facts: dict[str, Any]) -> None:
        self.summary: str = facts["summary"]
        self.data: str = facts["data"]
        rows, columns = facts["shape"]
        self.shape: tuple[int, int] = (rows, columns)
        self.highest: int = facts["highest"]
        self.fit: str = facts.get("fit", "ink")  # bundles of older versions have digits alone
        self.has_images = self.highest > 0
        self.noun = "image" if self.has_images else "row"
        self.features = rows * columns
        self.table = _table_form(facts["table"]) if "table" in facts else None
        self.labels: list[str] = facts["labels"]  # the names of the classes; empty for digits
        self.classes: int = facts["classes"]
        self.label_noun: str = facts["answer"]
        self.steps = self._steps(facts)
        self.divide: float = facts["divide"]
        self.values = [value / self.divide for value in range(256)]
        self.multiplications = sum(
            step.multiplications for step in self.steps if isinstance(step, DenseStep)
        )

    def _steps(self, facts: dict[str, Any]) -> list[Step]:
        content = self.read(self.path("weights.safetensors"))
        if hashlib.sha256(content).hexdigest() != facts["weights_sha256"]:
            path = self.path("weights.safetensors")
            msg = f"{path} does not have the SHA-256 that it was packed with."
            raise CorruptError(msg)
        arrays = safetensors.read(content, where=self.path("weights.safetensors"))
        steps: list[Step] = []
        for step in facts["steps"]:
            if step["kind"] == "product":
                weights, biases = arrays[step["weights"]], arrays[step["biases"]].tolist()
                steps.append(DenseStep(weights, biases))
            elif step["kind"] == "stretch":
                factor, addend = arrays[step["factor"]], arrays[step["addend"]]
                steps.append(AffineStep(factor.tolist(), addend.tolist()))
            elif step["kind"] == "standardize":
                mean, factor = arrays[step["mean"]], arrays[step["factor"]]
                steps.append(StandardizeStep(mean.tolist(), factor.tolist()))
            elif step["kind"] in ACTIVATIONS:
                steps.append(ActivationStep(step["kind"], step.get("leak", 0.0)))
            else:
                raise ValueError
        return steps

    @property
    def names(self) -> list[str]:
        """The names of the classes."""
        return self.labels or list(map(str, range(self.classes)))

    def label_value(self, label: int) -> int | str:
        """Return the name of a class, or its number if it does not have a name."""
        return self.labels[label] if self.labels else label

    def probabilities(self, image: Sequence[float]) -> list[float]:
        """Return the probability of every class for an image or a row."""
        x = (
            list(map(self.values.__getitem__, image))
            if isinstance(image, bytes)
            else [value / self.divide for value in image]
        )
        for step in self.steps:
            x = step(x)
        return self.softmax(x)

    def softmax(self, logits: list[float]) -> list[float]:
        """Return exp(z) / sum(exp(z))."""
        if not all(map(isfinite, logits)):
            msg = f"{self.name} returns NaN or infinite logits."
            raise CorruptError(msg)
        highest = max(logits)
        exponentials = [exp(logit - highest) for logit in logits]
        total = sum(exponentials)
        return rounded(power / total for power in exponentials)


def _table_form(facts: dict[str, Any]) -> TableForm:
    from .table import TableForm

    return TableForm(facts)


def names(read: Read) -> list[str]:
    """Return the names of the models in a bundle."""
    try:
        (first, *others) = map(str, json.loads(read(INDEX))["models"])
    except (ValueError, KeyError, TypeError):
        msg = f"{INDEX} is damaged."
        raise CorruptError(msg) from None
    return [first, *others]
