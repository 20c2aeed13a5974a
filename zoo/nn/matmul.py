"""Tall and thin matrix products, computed as a stack of products of 64 rows.

OpenBLAS has a kernel for small products. With AVX-512, at 784 inputs and 10 units, it takes less
than half the time of the general one; so a large product is cut into blocks that are small enough.
"""

import numpy as np

from zoo.nn.buffers import Array

BLOCK_ROWS = 64
SMALL_PRODUCT = 1_000_000  # multiplications: OpenBLAS' own limit, 100 x 100 x 100


def n_blocks(rows: int, inputs: int, units: int) -> int:
    """Return the number of blocks of rows; 1 where blocks are not faster."""
    fits = (
        rows % BLOCK_ROWS == 0
        and BLOCK_ROWS * inputs * units <= SMALL_PRODUCT < rows * inputs * units
    )
    return rows // BLOCK_ROWS if fits else 1


def forward(x: Array, parameters: Array, z: Array) -> None:
    """Write X [W b]ᵀ into z, block by block."""
    np.matmul(_stack(x), parameters.T, out=_stack(z))


def gradient(d_z: Array, x: Array, out: Array, partial_gradients: Array) -> None:
    """Write dZᵀ X into out: the sum of the blocks' products, which go to partial_gradients."""
    products = partial_gradients.reshape(-1, *out.shape)
    np.matmul(_stack(d_z).transpose(0, 2, 1), _stack(x), out=products)
    np.add.reduce(products, axis=0, out=out)


def _stack(array: Array) -> Array:
    """View (rows, columns) as (blocks, 64, columns), in either memory order."""
    rows, columns = array.shape
    if array.flags.c_contiguous:
        return array.reshape(rows // BLOCK_ROWS, BLOCK_ROWS, columns)
    return array.T.reshape(columns, rows // BLOCK_ROWS, BLOCK_ROWS).transpose(1, 2, 0)
