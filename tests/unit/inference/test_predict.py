"""Predictions in batches: order, rows, bits."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.helpers.predictions import assert_order_changes_no_label, predictions
from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Bytes
from zoo.errors import CorruptFileError
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import Input
from zoo.inference.predict import Prediction, predict
from zoo.nn.buffers import Array

BAD = Unreadable("bad.png", CorruptFileError("bad.png is not an image."))
# 8 x 8, 28 x 28, and batch normalization; tests/integration has all entries
NETWORKS = ["digits-10", "mnist-128", "mnist-deep-best"]


@dataclass
class Echo:
    """Predicts the digit in an image's first pixel, and records those of each product."""

    name = "echo"
    facts = None
    source = SOURCES["digits"]
    products: list[list[int]] = field(default_factory=list)

    def logits(self, images: Bytes) -> Array:
        self.products.append(images[:, 0].tolist())
        return np.eye(10, dtype=np.float32)[images[:, 0]] * 5


def images(*digits: int) -> Iterator[Input]:
    for index, digit in enumerate(digits):
        yield Input("one.npy", index, np.full(64, digit, np.uint8), "")


@pytest.mark.parametrize(("batch", "times"), [(1, 4), (2, 3), (3, 2), (9, 1)])
def test_predict_order_with_an_unreadable_file(batch: int, times: int) -> None:
    """Predictions and unreadable files have the order of the input; no product is empty."""
    echo = Echo()
    stream: list[Input | Unreadable] = [*images(7, 2, 9), BAD, *images(4)]
    results = list(predict(echo, stream, batch=batch))
    labels = [item if isinstance(item, Unreadable) else item.label for item in results]
    assert labels == [7, 2, 9, BAD, 4]
    assert len(echo.products) == times
    assert {len(rows) for rows in echo.products} == {64}


def test_predict_batch_above_64() -> None:
    """A batch of 150 is limited to 64, and all of 200 images are predicted."""
    echo = Echo()
    digits = [number % 10 for number in range(200)]
    results = list(predict(echo, images(*digits), batch=150))
    assert [item.label for item in results if isinstance(item, Prediction)] == digits
    assert [len(rows) for rows in echo.products] == [
        64
    ] * 4  # three full ones, and one with 8 images


@pytest.mark.parametrize("batch", [1, 7, 63, 64, 100])
def test_predict_row_of_an_image(batch: int) -> None:
    """Image number n is in row n % 64 of a product, for any batch, and in no other."""
    echo = Echo()
    digits = [number * number % 9 + 1 for number in range(150)]
    list(predict(echo, images(*digits), batch=batch))
    rows: list[list[int]] = [[] for _ in range(64)]
    for product in echo.products:
        for row, digit in enumerate(product):
            rows[row] += [digit] if digit else []
    assert rows == [digits[row::64] for row in range(64)]


@pytest.mark.parametrize("batch", [1, 2, 64])
def test_predict_unreadable_keeps_rows(batch: int) -> None:
    """An unreadable file takes a row, so the rows of later images do not depend on it."""
    echo, complete = Echo(), Echo()
    stream: list[Input | Unreadable] = [*images(7), BAD, *images(9, 3)]
    list(predict(echo, stream, batch=batch))
    list(predict(complete, images(7, 5, 9, 3), batch=batch))
    rows, all_rows = (np.sum(model.products, axis=0).tolist() for model in (echo, complete))
    assert rows[:5] == [7, 0, 9, 3, 0]
    assert all_rows[:5] == [7, 5, 9, 3, 0]


def test_predict_only_unreadable_files() -> None:
    """If no file can be read, the network is not called."""
    echo = Echo()
    assert list(predict(echo, [BAD] * 70)) == [BAD] * 70
    assert echo.products == []


@pytest.mark.parametrize("name", NETWORKS)
def test_predict_bits_of_any_batch(name: str) -> None:
    """Predictions are bit-identical for every batch size."""
    expected = predictions(name, range(70), 256).tobytes()
    for batch in (7, 33):
        assert predictions(name, range(70), batch).tobytes() == expected


@pytest.mark.parametrize("name", NETWORKS)
def test_predict_permuted_order(name: str) -> None:
    """In another order an image has the same label, and the same probabilities within 1e-5."""
    assert_order_changes_no_label(name, 70)


def test_predict_reads_lazily() -> None:
    """An endless input is predicted batch by batch, and at most a batch is read ahead."""
    read = 0

    def endless() -> Iterator[Input]:
        nonlocal read
        while True:
            read += 1
            yield from images(3)

    first = next(predict(Echo(), endless(), batch=4))
    assert isinstance(first, Prediction)
    assert first.label == 3
    assert read == 4


def test_prediction_best_classes() -> None:
    """Classes are sorted by probability, and ties by class number."""
    (prediction,) = predict(Echo(), images(7), batch=1)
    assert isinstance(prediction, Prediction)
    high = np.exp(5) / (np.exp(5) + 9)
    assert [label for label, _ in prediction.best(3)] == [7, 0, 1]
    assert [share for _, share in prediction.best(2)] == pytest.approx([high, (1 - high) / 9])
