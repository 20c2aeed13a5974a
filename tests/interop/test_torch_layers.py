"""Layers against PyTorch's."""

import numpy as np

from tests.helpers.gradients import beside_ones, bound
from tests.helpers.optional import torch
from zoo.nn.layers import BatchNorm


def test_batch_norm_torch() -> None:
    """Outputs, gradients and running statistics of batch normalization are PyTorch's."""
    found = torch()
    rng = np.random.default_rng(0)
    layer = bound(BatchNorm(0.9), inputs=4, rows=6)
    layer.parameters[:] = rng.normal(size=(2, 4))
    theirs = found.nn.BatchNorm1d(4, momentum=0.1, dtype=found.float64)  # the share of the new
    theirs.weight.data[:], theirs.bias.data[:] = found.tensor(layer.parameters)
    for _ in range(3):
        batch, slopes = rng.normal(3, 2, (6, 4)), rng.normal(size=(6, 4))
        x = found.tensor(batch, requires_grad=True)
        theirs.zero_grad()
        output = theirs(x)
        output.backward(found.tensor(slopes))
        values = layer.forward(beside_ones(batch), training=True)[:, :-1].copy()
        np.testing.assert_allclose(values, output.detach(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(layer.backward(slopes), x.grad, rtol=1e-9, atol=1e-12)
        learned = np.stack([theirs.weight.grad, theirs.bias.grad])
        np.testing.assert_allclose(layer.gradient, learned, rtol=1e-9, atol=1e-12)
    remembered = np.stack([theirs.running_mean, theirs.running_var])
    np.testing.assert_allclose(layer.statistics, remembered, rtol=1e-12)
    theirs.eval()
    output = theirs(found.tensor(batch)).detach()
    values = layer.forward(beside_ones(batch), training=False)[:, :-1]
    np.testing.assert_allclose(values, output, rtol=1e-12, atol=1e-12)
