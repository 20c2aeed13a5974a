"""Layers against PyTorch's."""

import numpy as np

from tests.helpers.gradients import standalone
from tests.helpers.optional import torch
from zoo.nn.layers import BatchNorm


def test_batch_norm_torch() -> None:
    """Outputs, gradients and running statistics of batch normalization are PyTorch's."""
    pytorch = torch()
    rng = np.random.default_rng(0)
    layer = standalone(BatchNorm(4, 0.9))
    layer.parameters[:] = rng.normal(size=(2, 4))
    # PyTorch's momentum is the weight of the new value.
    expected = pytorch.nn.BatchNorm1d(4, momentum=0.1, dtype=pytorch.float64)
    expected.weight.data[:], expected.bias.data[:] = pytorch.tensor(layer.parameters)
    for _ in range(3):
        batch, d_output = rng.normal(3, 2, (6, 4)), rng.normal(size=(6, 4))
        x = pytorch.tensor(batch, requires_grad=True)
        expected.zero_grad()
        output = expected(x)
        output.backward(pytorch.tensor(d_output))
        values = layer.forward(batch.copy(), training=True)
        np.testing.assert_allclose(values, output.detach(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(layer.backward(d_output), x.grad, rtol=1e-9, atol=1e-12)
        d_parameters = np.stack([expected.weight.grad, expected.bias.grad])
        np.testing.assert_allclose(layer.gradient, d_parameters, rtol=1e-9, atol=1e-12)
    running = np.stack([expected.running_mean, expected.running_var])
    np.testing.assert_allclose(layer.statistics, running, rtol=1e-12)
    expected.eval()
    output = expected(pytorch.tensor(batch)).detach()
    values = layer.forward(batch.copy(), training=False)
    np.testing.assert_allclose(values, output, rtol=1e-12, atol=1e-12)
