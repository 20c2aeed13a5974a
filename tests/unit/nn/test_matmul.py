"""Matrix products in blocks of rows."""

import numpy as np
import pytest

from zoo.nn import matmul
from zoo.nn.activations import relu
from zoo.nn.buffers import Buffer
from zoo.nn.layers import Activation, Dense
from zoo.nn.network import Network

FLOAT64 = np.dtype(np.float64)


def test_blocks() -> None:
    """Rows are cut where a block is small and the product is not."""
    assert matmul.n_blocks(1024, 785, 10) == 16  # a block has 502,400 multiplications
    assert matmul.n_blocks(64, 785, 10) == 1  # one block is the product
    assert matmul.n_blocks(1024, 785, 128) == 1  # a block is too large for the small kernel
    assert matmul.n_blocks(1024, 11, 10) == 1  # the product is small
    assert matmul.n_blocks(1000, 785, 10) == 1  # 64 does not divide 1,000


@pytest.mark.parametrize("order", ["C", "F"])
def test_product_in_blocks(order: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((192, 30)) if order == "C" else rng.standard_normal((30, 192)).T
    w, d = rng.standard_normal((7, 30)), rng.standard_normal((7, 192)).T
    z = Buffer().allocate(192, 8, FLOAT64)[:, :-1]
    matmul.forward(x, w, z)
    np.testing.assert_allclose(z, x @ w.T, rtol=1e-12)
    d_w = np.empty((7, 30))
    matmul.gradient(d, x, d_w, np.empty((3, 7 * 30)))
    np.testing.assert_allclose(d_w, d.T @ x, rtol=1e-12)


def test_network_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logits and gradient are the same with blocks and without."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (1024, 784), dtype=np.uint8)
    d_logits = rng.standard_normal((10, 1024)).T

    def forward_backward() -> tuple[int, np.ndarray, np.ndarray]:
        network = Network(
            [Dense(784, 10), Activation(relu), Dense(10, 10)],
            scale=1 / 255,
            dtype=FLOAT64,
        )
        network.parameters[:] = np.random.default_rng(1).standard_normal(network.parameters.size)
        logits = network.forward(network.prepare(pixels), training=True).copy()
        network.backward(d_logits.copy(order="F"))
        first = network.layers[0]
        assert isinstance(first, Dense)
        return first.n_blocks, logits, network.gradient

    in_blocks = forward_backward()
    monkeypatch.setattr(matmul, "SMALL_PRODUCT", 0)
    in_one = forward_backward()
    assert (in_blocks[0], in_one[0]) == (16, 1)
    np.testing.assert_allclose(in_blocks[1], in_one[1], rtol=1e-10)
    np.testing.assert_allclose(in_blocks[2], in_one[2], rtol=1e-9)
