"""Prediction in plain Python, and in NumPy from the point at which its import pays.

Plain Python predicts many images in the time that the import of NumPy takes. So NumPy is imported
after plain Python has worked about as long as the import takes. The total is at most twice the time
of the better of the two.
"""

from __future__ import annotations

from itertools import islice

from .inputs import Input, UnreadableInput
from .model import ActivationStep, AffineStep, DenseStep, Model, StandardizeStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

# Multiplications, those with 0 included, that take as long as the import of NumPy.
PLAIN_MULTIPLICATIONS = 8_000_000
BATCH = 64


class Prediction:
    """The probabilities of the classes for one image or row."""

    def __init__(self, input_: Input, probabilities: list[float]) -> None:
        self.input = input_
        self.probabilities = probabilities

    def best(self, count: int) -> list[tuple[int, float]]:
        """Return the most probable classes with their probabilities, the best first."""
        order = sorted(range(len(self.probabilities)), key=lambda label: -self.probabilities[label])
        return [(label, self.probabilities[label]) for label in order[:count]]


def predictions(
    model: Model, images: Iterable[Input | UnreadableInput]
) -> Iterator[Prediction | UnreadableInput]:
    """Yield a prediction for every image or row, in their order."""
    stream = iter(images)
    plain = max(PLAIN_MULTIPLICATIONS // model.multiplications, 1)
    for item in islice(stream, plain):
        if isinstance(item, UnreadableInput):
            yield item
        else:
            yield Prediction(item, model.probabilities(item.image))
    first = next(stream, None)
    if first is None:
        return
    numpy = _import_numpy()
    batch = [first]
    results: Iterator[list[float]]
    while batch:
        readable = [item.image for item in batch if isinstance(item, Input)]
        if numpy is None:
            results = map(model.probabilities, readable)
        else:
            results = iter(_predict_numpy(numpy, model, readable))
        for item in batch:
            yield item if isinstance(item, UnreadableInput) else Prediction(item, next(results))
        batch = list(islice(stream, BATCH))


def _import_numpy() -> Any:
    try:
        import numpy as np
    except ImportError:
        return None
    return np


def _predict_numpy(
    numpy: Any, model: Model, images: Sequence[Sequence[float]]
) -> list[list[float]]:
    if not images:
        return []
    if model.has_images:
        values = numpy.array(model.values, numpy.float32)
        x = values[numpy.array([list(image) for image in images], numpy.uint8)]
    else:
        x = numpy.array(images, numpy.float32) / numpy.float32(model.divide)
    for step in model.steps:
        if isinstance(step, DenseStep):
            weights = numpy.frombuffer(step.weights, numpy.float32).reshape(x.shape[1], -1)
            x = x @ weights + numpy.array(step.biases, numpy.float32)
        elif isinstance(step, ActivationStep):
            x = _activate(numpy, step, x)
        elif isinstance(step, StandardizeStep):
            mean, factor = (
                numpy.array(values, numpy.float32) for values in (step.mean, step.factor)
            )
            x = factor * (x - mean)
        elif isinstance(step, AffineStep):
            factor = numpy.array(step.factor, numpy.float32)
            x = factor * x + numpy.array(step.addend, numpy.float32)
    return [model.softmax(logits) for logits in x.tolist()]


def _activate(numpy: Any, step: ActivationStep, x: Any) -> Any:
    if step.kind == "sigmoid":
        return (1 + numpy.tanh(x / 2)) / 2
    if step.kind == "tanh":
        return numpy.tanh(x)
    return numpy.where(x > 0, x, numpy.float32(step.leak) * x)
