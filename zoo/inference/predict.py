"""Predictions for images, or for rows of a table.

The same files in the same order give the same bits, whatever `batch` is and wherever they are
computed. An image with another number in its group (`inputs.groups`) may stand at another
row of a product: its probabilities are then the same within 1e-5 (1.4e-6 was the most on MNIST's
test images, 2.5e-6 on noise), and so is its label, unless two classes are that close.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from zoo.inference.inputs import Input, Unreadable
from zoo.nn.buffers import Array
from zoo.nn.losses import softmax
from zoo.training.model import Classifier


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


# With another number of rows a product is summed in another order, and with OpenBLAS's kernels for
# Haswell and Zen the last bits of a row depend on where in the product it stands.
PRODUCT_ROWS = 64


def predict(
    answering: Classifier, inputs: Iterable[Input | Unreadable], *, batch: int = PRODUCT_ROWS
) -> Iterator[Prediction | Unreadable]:
    """Yield a prediction for every image of a group, in their order.

    Image number n stands at row n % 64 of a product of 64 rows, among zeros where others are
    missing. `batch` says how many are answered at a time, 64 at most, and moves none of them.
    """
    stream = iter(inputs)
    first = 0
    while some := list(islice(stream, min(batch, PRODUCT_ROWS - first))):
        yield from _predictions(answering, some, first)
        first = (first + len(some)) % PRODUCT_ROWS


def _predictions(
    answering: Classifier, some: list[Input | Unreadable], first: int
) -> Iterator[Prediction | Unreadable]:
    """Yield the predictions for images that stand one below the other, from this row on."""
    places = [row for row, one in enumerate(some, first) if isinstance(one, Input)]
    probabilities: dict[int, Array] = {}
    if places:
        images = np.stack([one.image for one in some if isinstance(one, Input)])
        rows = np.zeros((PRODUCT_ROWS, images.shape[1]), images.dtype)
        rows[places] = images
        probabilities = dict(enumerate(softmax(answering.logits(rows))))
    for row, one in enumerate(some, first):
        yield Prediction(one, probabilities[row]) if isinstance(one, Input) else one
