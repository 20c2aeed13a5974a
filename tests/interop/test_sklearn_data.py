"""Digits and splits compared with scikit-learn's."""

import numpy as np

from zoo.data.digits import load_digits
from zoo.data.splits import split


def test_digits_as_in_sklearn() -> None:
    from sklearn import datasets

    expected = datasets.load_digits()
    digits = load_digits()
    np.testing.assert_array_equal(digits.train.images, expected.data)
    np.testing.assert_array_equal(digits.train.labels, expected.target)


def test_split_as_in_sklearn() -> None:
    """The digits are split row for row as scikit-learn splits them."""
    from sklearn.model_selection import train_test_split

    splits = split(load_digits(), seed=42, test=360)
    train, test = train_test_split(np.arange(1797), test_size=0.2, random_state=42)
    assert splits.test is not None
    assert splits.train.rows.tolist() == train.tolist()
    assert splits.test.rows.tolist() == test.tolist()
