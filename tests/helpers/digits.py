"""The digits dataset, loaded once."""

from functools import cache

from zoo.data.dataset import Bytes, Dataset
from zoo.data.digits import load_digits


@cache
def digits() -> Dataset:
    return load_digits()


def digit_labels() -> Bytes:
    """Return the label of each digit."""
    labels = digits().train.labels
    assert labels is not None
    return labels
