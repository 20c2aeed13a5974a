"""The arrays everything here is made of, and memory that is taken once and used for every batch.

Arrays are (batch, features). float32 everywhere, unless a network is asked for float64 to check its
gradients. In memory, what lies between two layers is stored feature by feature (order "F"): then
whole-array arithmetic, and a maximum or a sum over the ten classes, run along contiguous memory.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.intp]


class Buffer:
    """Memory for the largest batch so far, handed out in the shape of the present one."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self.dtype = dtype
        self.memory: Array = np.empty(0, dtype)

    def __call__(self, rows: int, columns: int) -> Array:
        """An array of (rows, columns), stored feature by feature; what it holds is left over."""
        size = rows * columns
        if size > self.memory.size:
            self.memory = np.empty(size, self.dtype)
        return self.memory[:size].reshape(columns, rows).T

    def by_rows(self, rows: int, columns: int) -> Array:
        """The same, but stored row by row, as examples come."""
        return self(columns, rows).T

    def with_bias_column(self, rows: int, columns: int) -> Array:
        """The same with one more column, all ones: the bias is then one more weight."""
        array = self(rows, columns + 1)
        array[:, -1] = 1
        return array
