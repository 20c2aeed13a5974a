"""Columns that only tell the rows apart: a network would learn them by heart."""

import re

import numpy as np

from zoo.data.dataset import Values

ID_ROWS = 20  # fewer whole numbers may well all be different
SPREAD = 2  # different whole numbers in a range of fewer than so many times the rows count them
ID_NAME = re.compile(r"(^|[\s_.-])(id|index|key|nr|no|uuid|guid|row|unnamed: \d+)$", re.IGNORECASE)


def is_id(name: str, values: Values) -> bool:
    """Whether all values of a column are different whole numbers that measure nothing.

    They are sorted, lie close together, or the name says so.
    """
    if len(values) < ID_ROWS or not np.isfinite(values).all() or (values != values.round()).any():
        return False
    if len(np.unique(values)) < len(values):
        return False
    is_sorted = bool((values[1:] > values[:-1]).all())
    is_dense = float(values.max()) - float(values.min()) < SPREAD * len(values)
    return is_sorted or bool(is_dense) or bool(ID_NAME.search(name))
