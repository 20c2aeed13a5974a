"""Predictions for images, or for rows of a table.

The same files in the same order have bit-identical predictions, for every `batch` and on every
worker. An image with another number in its group (`file_groups`) may be in another row of a
matrix product: its probabilities are then the same within 1e-5 (the maximum was 1.4e-6 on MNIST's
test images, 2.5e-6 on noise), and so is its label, unless two classes are that close.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import Input
from zoo.nn.buffers import Array
from zoo.nn.losses import softmax
from zoo.training.model import Classifier


@dataclass(frozen=True)
class Prediction:
    """The class probabilities of one input."""

    input: Input
    probabilities: Array

    @property
    def label(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())

    def best(self, count: int) -> list[tuple[int, float]]:
        """Return the most probable classes with their probabilities, in descending order."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(label), float(self.probabilities[label])) for label in order]


# The number of rows changes the order of summation of a product, and with OpenBLAS's kernels for
# Haswell and Zen the last bits of a row depend on its position in the product.
PRODUCT_ROWS = 64


def predict(
    model: Classifier, inputs: Iterable[Input | Unreadable], *, batch: int = PRODUCT_ROWS
) -> Iterator[Prediction | Unreadable]:
    """Yield a prediction for each input of a group, in their order.

    Image number n is row n % 64 of a product of 64 rows; the other rows may be zeros. `batch` is
    the number of images that are predicted at a time, at most 64; it does not change their rows.
    """
    stream = iter(inputs)
    first = 0
    while chunk := list(islice(stream, min(batch, PRODUCT_ROWS - first))):
        yield from _predictions(model, chunk, first)
        first = (first + len(chunk)) % PRODUCT_ROWS


def _predictions(
    model: Classifier, chunk: list[Input | Unreadable], first: int
) -> Iterator[Prediction | Unreadable]:
    """Yield the predictions for inputs in consecutive rows of a product, from row `first` on."""
    used_rows = [row for row, item in enumerate(chunk, first) if isinstance(item, Input)]
    probabilities: dict[int, Array] = {}
    if used_rows:
        images = np.stack([item.image for item in chunk if isinstance(item, Input)])
        product = np.zeros((PRODUCT_ROWS, images.shape[1]), images.dtype)
        product[used_rows] = images
        probabilities = dict(enumerate(softmax(model.logits(product))))
    for row, item in enumerate(chunk, first):
        yield Prediction(item, probabilities[row]) if isinstance(item, Input) else item
