"""Pictures in, digits out; or rows of a table, and their classes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from zoo.data.inputs import Input, Unreadable
from zoo.model import Answering
from zoo.nn.arrays import Array
from zoo.nn.losses import softmax


@dataclass(frozen=True)
class Prediction:
    """What a network takes one picture for."""

    of: Input
    probabilities: Array

    @property
    def label(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())

    def best(self, count: int) -> list[tuple[int, float]]:
        """Return the most probable classes with their probabilities, the best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(label), float(self.probabilities[label])) for label in order]


# A picture goes up among so many rows, always: with another number of them a product is summed in
# another order, and its last bits would depend on which pictures came with it.
ROWS = 64


def predict(
    answering: Answering, inputs: Iterable[Input | Unreadable], *, batch: int
) -> Iterator[Prediction | Unreadable]:
    """Yield an answer for every picture, in their order; so many go through at a time."""
    waiting: list[Input] = []
    for one in inputs:
        if isinstance(one, Unreadable):
            yield from _answers(answering, waiting)
            waiting = []
            yield one
            continue
        waiting.append(one)
        if len(waiting) == batch:
            yield from _answers(answering, waiting)
            waiting = []
    yield from _answers(answering, waiting)


def _answers(answering: Answering, waiting: list[Input]) -> Iterator[Prediction]:
    for start in range(0, len(waiting), ROWS):
        some = waiting[start : start + ROWS]
        images = np.zeros((ROWS, some[0].image.size), some[0].image.dtype)
        np.stack([one.image for one in some], out=images[: len(some)])
        # those that are missing are black, and nobody asks
        for one, probabilities in zip(some, softmax(answering.logits(images)), strict=False):
            yield Prediction(one, probabilities)
