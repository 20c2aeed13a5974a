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
    """An array whose memory is that of the largest batch so far."""

    def __init__(self) -> None:
        self.array: Array = np.empty((0, 0), np.float32)
        self._memory: Array = np.empty(0, np.float32)

    def like(self, x: Array) -> Array:
        """Return an uninitialized array of x's shape and dtype, stored feature by feature."""
        if self.array.shape != x.shape:
            self.array = self.allocate(len(x), x.shape[1], x.dtype)
        return self.array

    def allocate(self, rows: int, columns: int, dtype: npt.DTypeLike) -> Array:
        """Return an uninitialized array of (rows, columns), stored feature by feature."""
        size = rows * columns
        if size > self._memory.size or self._memory.dtype != dtype:
            self._memory = np.empty(size, dtype)
        return self._memory[:size].reshape(columns, rows).T


class OnesBuffer:
    """A batch X and [X 1], the same memory with one more column, all ones.

    The bias is the last column of a dense layer's weights; it is multiplied by the ones, and needs
    no addition. The other layers receive X, and never see the ones.
    """

    def __init__(self) -> None:
        self.x: Array = np.empty((0, 0), np.float32)
        self.x1: Array = np.empty((0, 1), np.float32)
        self._buffer = Buffer()

    def allocate(
        self,
        rows: int,
        columns: int,
        dtype: npt.DTypeLike,
        *,
        one: float = 1.0,
        by_rows: bool = False,
    ) -> None:
        """Make X an uninitialized array of (rows, columns), stored feature by feature or by row."""
        shape = (columns + 1, rows) if by_rows else (rows, columns + 1)
        array = self._buffer.allocate(*shape, dtype)
        self.x1 = array.T if by_rows else array
        self.x1[:, -1] = one
        self.x = self.x1[:, :-1]
