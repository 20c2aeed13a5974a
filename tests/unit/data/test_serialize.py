"""Datasets for machines that do not have the files."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.data.dataset import Dataset, LabeledImages
from zoo.data.serialize import deserialize, serialize
from zoo.data.splits import split


def dataset() -> Dataset:
    rows = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    pool = LabeledImages(rows, np.arange(30, dtype=np.uint8) % 3)
    return Dataset("made up", (1, 4), 3, pool, None, "a test", "0")


GROUPED = replace(dataset(), groups=np.arange(30, dtype=np.int16) // 4)
MARKED = replace(dataset(), validation=np.arange(30) % 5 == 0)


@pytest.mark.parametrize("data", [dataset(), GROUPED, MARKED], ids=["plain", "groups", "marked"])
def test_serialized_dataset_has_the_same_splits(data: Dataset) -> None:
    """A worker without the files trains on the same rows."""
    received = deserialize(serialize(data))
    ours, theirs = (split(each, seed=1, test=6, validation=6) for each in (data, received))
    assert theirs.record() == ours.record()
    for name in ("groups", "validation"):
        sent, found = getattr(data, name), getattr(received, name)
        assert (sent is None) == (found is None)
        if sent is not None:
            np.testing.assert_array_equal(found, sent, strict=True)
    np.testing.assert_array_equal(received.train.images, data.train.images, strict=True)
    assert replace(received, train=data.train, groups=data.groups, validation=data.validation) == (
        data
    )
