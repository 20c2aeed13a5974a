"""Answers keep the order of their pictures, however many go through at a time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from zoo import model
from zoo.catalog import read_catalog
from zoo.data.dataset import Bytes
from zoo.data.inputs import Input, Unreadable
from zoo.data.sources import SOURCES
from zoo.errors import CorruptFile
from zoo.nn.arrays import Array
from zoo.predict import Prediction, predict

BAD = Unreadable("bad.png", CorruptFile("bad.png is no picture."))


@dataclass
class Echo:
    """Answers the digit in a picture's first pixel, and remembers how many it was asked at once."""

    name = "echo"
    facts = None
    source = SOURCES["digits"]
    asked: list[int] = field(default_factory=list)

    def logits(self, images: Bytes) -> Array:
        self.asked.append(len(images))
        return np.eye(10, dtype=np.float32)[images[:, 0]] * 5


def pictures(*digits: int) -> Iterator[Input]:
    for place, digit in enumerate(digits):
        yield Input("one.npy", place, np.full(64, digit, np.uint8), "")


@pytest.mark.parametrize(("batch", "times"), [(1, 4), (2, 3), (3, 2), (9, 2)])
def test_batches_are_cut_at_an_unreadable_file_and_order_is_kept(batch: int, times: int) -> None:
    echo = Echo()
    stream: list[Input | Unreadable] = [*pictures(7, 2, 9), BAD, *pictures(4)]
    found = list(predict(echo, stream, batch=batch))
    assert [one if isinstance(one, Unreadable) else one.label for one in found] == [7, 2, 9, BAD, 4]
    assert echo.asked == [64] * times


def test_a_batch_of_many_goes_up_by_64_and_none_is_lost() -> None:
    echo = Echo()
    digits = [number % 10 for number in range(200)]
    found = list(predict(echo, pictures(*digits), batch=150))
    assert [one.label for one in found if isinstance(one, Prediction)] == digits
    assert echo.asked == [64] * 4  # 150 in three, 50 in one


@pytest.mark.parametrize("name", list(read_catalog().entries))
def test_the_bits_of_an_answer_depend_on_no_other_picture(name: str) -> None:
    answering = model.shipped(read_catalog().find(name).entry)
    source = answering.source
    rng = np.random.default_rng(3)
    images = rng.integers(0, source.highest + 1, (130, math.prod(source.shape)), np.uint8)

    def bits(order: Sequence[int], batch: int) -> dict[int, bytes]:
        several = [Input("one.npy", place, images[place], "") for place in order]
        found = predict(answering, several, batch=batch)
        return {
            one.of.index: one.probabilities.tobytes()
            for one in found
            if isinstance(one, Prediction)
        }

    all_at_once = bits(range(130), 256)
    assert len(all_at_once) == 130
    assert bits(range(129, -1, -1), 256) == all_at_once
    assert bits(range(130), 7) == bits(range(130), 1) == all_at_once


def test_nothing_is_read_before_it_is_needed() -> None:
    def endless() -> Iterator[Input]:
        while True:
            yield from pictures(3)

    first = next(predict(Echo(), endless(), batch=4))
    assert isinstance(first, Prediction)
    assert first.label == 3


def test_the_best_come_first_and_ties_in_their_order() -> None:
    (one,) = predict(Echo(), pictures(7), batch=1)
    assert isinstance(one, Prediction)
    high = np.exp(5) / (np.exp(5) + 9)
    assert [label for label, _ in one.best(3)] == [7, 0, 1]
    assert [share for _, share in one.best(2)] == pytest.approx([high, (1 - high) / 9])
