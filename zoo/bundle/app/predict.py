"""Pictures in, digits out: in plain Python, and in NumPy as soon as that pays.

NumPy takes longer to be imported than plain Python to read many pictures. So it is imported when
plain Python has worked about as long as the import takes: whatever comes, that is at most twice
what the better of the two would have taken.
"""

from __future__ import annotations

from itertools import islice

from .inputs import Input, Unreadable
from .model import Bend, Model, Product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

PATIENCE = (
    8_000_000  # multiplications, those with 0 among them: what they take NumPy's import takes
)
BATCH = 64


class Answer:
    """What a network takes one picture for."""

    def __init__(self, of: Input, probabilities: list[float]) -> None:
        self.of = of
        self.probabilities = probabilities

    def best(self, count: int) -> list[tuple[int, float]]:
        """Return the most probable classes with their probabilities, the best first."""
        order = sorted(range(len(self.probabilities)), key=lambda one: -self.probabilities[one])
        return [(label, self.probabilities[label]) for label in order[:count]]


def answers(model: Model, found: Iterable[Input | Unreadable]) -> Iterator[Answer | Unreadable]:
    """Yield an answer for every picture, in their order."""
    stream = iter(found)
    plain = max(PATIENCE // model.work, 1)
    for one in islice(stream, plain):
        yield one if isinstance(one, Unreadable) else Answer(one, model.probabilities(one.image))
    first = next(stream, None)
    if first is None:
        return
    numpy = _numpy()
    waiting = [first]
    answered: Iterator[list[float]]
    while waiting:
        if numpy is None:
            answered = (model.probabilities(one.image) for one in waiting if isinstance(one, Input))
        else:
            answered = iter(
                _in_numpy(numpy, model, [one.image for one in waiting if isinstance(one, Input)])
            )
        for one in waiting:
            yield one if isinstance(one, Unreadable) else Answer(one, next(answered))
        waiting = list(islice(stream, BATCH))


def _numpy() -> Any:
    try:
        import numpy as np
    except ImportError:
        return None
    return np


def _in_numpy(numpy: Any, model: Model, images: list[bytes]) -> list[list[float]]:
    if not images:
        return []
    values = numpy.array(model.values, numpy.float32)
    x = values[numpy.frombuffer(b"".join(images), numpy.uint8).reshape(len(images), -1)]
    for step in model.steps:
        if isinstance(step, Product):
            weights = numpy.frombuffer(step.weights, numpy.float32).reshape(x.shape[1], -1)
            x = x @ weights + numpy.array(step.biases, numpy.float32)
        elif isinstance(step, Bend):
            x = _bent(numpy, step, x)
        else:
            factor, addend = (numpy.array(one, numpy.float32) for one in (step.factor, step.addend))
            x = factor * x + addend
    return [model.softmax(logits) for logits in x.tolist()]


def _bent(numpy: Any, step: Bend, x: Any) -> Any:
    if step.kind == "sigmoid":
        return (1 + numpy.tanh(x / 2)) / 2
    if step.kind == "tanh":
        return numpy.tanh(x)
    return numpy.where(x > 0, x, numpy.float32(step.leak) * x)
