"""Learning-rate schedules against PyTorch's."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.optional import torch
from zoo.nn.schedules import Schedule, cosine_decay, exponential_decay, step_decay


@pytest.mark.parametrize(
    ("schedule", "make_expected"),
    [
        pytest.param(
            step_decay(0.1, every=7, factor=0.3),
            lambda lrs, optimizer: lrs.StepLR(optimizer, step_size=7, gamma=0.3),
            id="step",
        ),
        pytest.param(
            exponential_decay(0.1, factor=0.9),
            lambda lrs, optimizer: lrs.ExponentialLR(optimizer, gamma=0.9),
            id="exponential",
        ),
        pytest.param(
            cosine_decay(0.1, epochs=30),
            lambda lrs, optimizer: lrs.CosineAnnealingLR(optimizer, T_max=30),
            id="cosine",
        ),
    ],
)
def test_schedule_torch(schedule: Schedule, make_expected: Callable[[Any, Any], Any]) -> None:
    """The rates at whole epochs are PyTorch's."""
    pytorch = torch()
    optimizer = pytorch.optim.SGD([pytorch.zeros(1, requires_grad=True)], lr=0.1)
    expected = make_expected(pytorch.optim.lr_scheduler, optimizer)
    for epoch in range(31):
        assert schedule(epoch) == pytest.approx(expected.get_last_lr()[0], rel=1e-9, abs=1e-15)
        optimizer.step()
        expected.step()
