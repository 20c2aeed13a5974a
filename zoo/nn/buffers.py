"""Array types, and buffers that are allocated once and reused for every batch.

Arrays are (batch, features) and float32; a network has float64 where its gradients are checked.
The arrays between two layers are stored feature by feature (order "F"), so that whole-array
arithmetic, and a maximum or a sum over the ten classes, run along contiguous memory.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.intp]


class Buffer:
    """Memory for the largest batch so far; a call returns an array of the current batch's shape."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self.dtype = dtype
        self.memory: Array = np.empty(0, dtype)

    def __call__(self, rows: int, columns: int) -> Array:
        """Return an uninitialized array of (rows, columns), stored feature by feature."""
        size = rows * columns
        if size > self.memory.size:
            self.memory = np.empty(size, self.dtype)
        return self.memory[:size].reshape(columns, rows).T

    def by_rows(self, rows: int, columns: int) -> Array:
        """Return an uninitialized array of (rows, columns), stored row by row."""
        return self(columns, rows).T

    def with_bias_column(self, rows: int, columns: int) -> Array:
        """Return an array of (rows, columns + 1) whose last column is all ones, for the bias."""
        array = self(rows, columns + 1)
        array[:, -1] = 1
        return array
