"""A model of the bundle: what it is, its weights, and what it answers."""

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
    from collections.abc import Callable
    from typing import Any

    Read = Callable[[str], bytes]  # what is in a file of the bundle

INDEX = "models/index.json"
BENDS = {"relu", "leaky_relu", "sigmoid", "tanh"}
AT_ONCE = 4  # rows of weights that are added up in one go


class Product:
    """x W + b; of W each input has a row, so that an input of 0 costs nothing."""

    def __init__(self, weights: array[float], biases: list[float]) -> None:
        self.weights = weights
        self.biases = biases

    @property
    def work(self) -> int:
        """How many multiplications it makes of an input."""
        return len(self.weights)

    def __call__(self, x: list[float]) -> list[float]:
        """Return the sums."""
        weights, units = self.weights, len(self.biases)
        used = [place for place, value in enumerate(x) if value]
        sums = self.biases
        whole = len(used) - len(used) % AT_ONCE
        for start in range(0, whole, AT_ONCE):
            one, two, three, four = used[start : start + AT_ONCE]
            a, b, c, d = x[one], x[two], x[three], x[four]
            rows = zip(
                sums,
                weights[one * units : (one + 1) * units],
                weights[two * units : (two + 1) * units],
                weights[three * units : (three + 1) * units],
                weights[four * units : (four + 1) * units],
            )
            sums = [sum_ + a * p + b * q + c * r + d * s for sum_, p, q, r, s in rows]
        for one in used[whole:]:
            a = x[one]
            row = weights[one * units : (one + 1) * units]
            sums = [sum_ + a * weight for sum_, weight in zip(sums, row)]
        return sums


class Stretch:
    """factor * x + addend."""

    def __init__(self, factor: list[float], addend: list[float]) -> None:
        self.factor = factor
        self.addend = addend

    def __call__(self, x: list[float]) -> list[float]:
        """Return the numbers, stretched and shifted."""
        return [f * value + a for f, value, a in zip(self.factor, x, self.addend)]


class Bend:
    """An activation."""

    def __init__(self, kind: str, leak: float = 0.0) -> None:
        self.kind = kind
        self.leak = leak

    def __call__(self, x: list[float]) -> list[float]:
        """Return the numbers, each bent."""
        if self.kind == "sigmoid":
            return [(1 + tanh(value / 2)) / 2 for value in x]  # which no value makes overflow
        if self.kind == "tanh":
            return list(map(tanh, x))
        leak = self.leak
        return [value if value > 0 else leak * value for value in x]


class Model:
    """A network with all that is known of it; its weights are held against their digest."""

    def __init__(self, read: Read, name: str) -> None:
        self.read, self.name = read, name
        try:
            self._describe(json.loads(read(self.path("model.json"))))
        except (ValueError, KeyError, TypeError):
            msg = f"{self.path('model.json')} is damaged."
            raise CorruptError(msg) from None

    def path(self, file: str) -> str:
        """Return where a file of this model lies in the bundle."""
        return f"models/{self.name}/{file}"

    def _describe(self, facts: dict[str, Any]) -> None:
        self.summary: str = facts["summary"]
        self.data: str = facts["data"]
        rows, columns = facts["shape"]
        self.shape: tuple[int, int] = (rows, columns)
        self.highest: int = facts["highest"]
        self.labels: list[str] = facts["labels"]  # of the classes, where they are no numbers
        self.classes: int = facts["classes"]
        self.answer: str = facts["answer"]
        self.steps = self._steps(facts)
        self.values = [value / facts["divide"] for value in range(256)]
        self.work = sum(step.work for step in self.steps if isinstance(step, Product))

    def _steps(self, facts: dict[str, Any]) -> list[Product | Stretch | Bend]:
        content = self.read(self.path("weights.safetensors"))
        if hashlib.sha256(content).hexdigest() != facts["weights_sha256"]:
            msg = f"{self.path('weights.safetensors')} has not the SHA-256 that it was packed with."
            raise CorruptError(msg)
        arrays = safetensors.read(content, where=self.path("weights.safetensors"))
        found: list[Product | Stretch | Bend] = []
        for step in facts["steps"]:
            if step["kind"] == "product":
                weights, biases = arrays[step["weights"]], arrays[step["biases"]].tolist()
                found.append(Product(weights, biases))
            elif step["kind"] == "stretch":
                factor, addend = arrays[step["factor"]], arrays[step["addend"]]
                found.append(Stretch(factor.tolist(), addend.tolist()))
            elif step["kind"] in BENDS:
                found.append(Bend(step["kind"], step.get("leak", 0.0)))
            else:
                raise ValueError
        return found

    @property
    def names(self) -> list[str]:
        """The names of the classes."""
        return self.labels or list(map(str, range(self.classes)))

    def called(self, label: int) -> int | str:
        """Return the name of a class, or its number where that is all it has."""
        return self.labels[label] if self.labels else label

    def probabilities(self, image: bytes) -> list[float]:
        """Return the probability of every class."""
        x = list(map(self.values.__getitem__, image))
        for step in self.steps:
            x = step(x)
        return self.softmax(x)

    def softmax(self, logits: list[float]) -> list[float]:
        """Return exp(z) / sum(exp(z))."""
        if not all(map(isfinite, logits)):
            msg = f"{self.name} answers with numbers that are not finite."
            raise CorruptError(msg)
        most = max(logits)
        powers = [exp(logit - most) for logit in logits]
        whole = sum(powers)
        return rounded(power / whole for power in powers)


def names(read: Read) -> list[str]:
    """Return the names of the models in a bundle."""
    try:
        (first, *others) = map(str, json.loads(read(INDEX))["models"])
    except (ValueError, KeyError, TypeError):
        msg = f"{INDEX} is damaged."
        raise CorruptError(msg) from None
    return [first, *others]
