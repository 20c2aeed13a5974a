"""Optimizers against PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.helpers.optimizers import OPTIMIZERS
from tests.helpers.optional import torch

EXPECTED: dict[str, Callable[[Any, list[Any]], Any]] = {
    "sgd": lambda optim, p: optim.SGD(p, lr=0.1),
    "momentum": lambda optim, p: optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda optim, p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda optim, p: optim.RMSprop(p, lr=0.1, alpha=0.95),
    "adam": lambda optim, p: optim.Adam(p, lr=0.1, betas=(0.8, 0.99)),
    "adamw": lambda optim, p: optim.AdamW(
        [{"params": p[:1]}, {"params": p[1:], "weight_decay": 0}], lr=0.1, weight_decay=0.02
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_steps_torch(name: str) -> None:
    """Twenty steps along random gradients are PyTorch's."""
    pytorch = torch()
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=8)
    weights, biases = (
        pytorch.tensor(part, requires_grad=True) for part in (parameters[:6], parameters[6:])
    )
    optimizer = OPTIMIZERS[name](parameters)
    expected = EXPECTED[name](pytorch.optim, [weights, biases])
    for number in range(1, 21):
        gradient = rng.normal(size=8)
        weights.grad, biases.grad = pytorch.tensor(gradient[:6]), pytorch.tensor(gradient[6:])
        expected.step()
        optimizer.step(gradient, learning_rate=0.1, step=number)
        expected_parameters = np.concatenate([weights.detach(), biases.detach()])
        np.testing.assert_allclose(parameters, expected_parameters, rtol=1e-11, atol=1e-13)
