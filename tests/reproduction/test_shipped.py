"""Shipped models on the real MNIST."""

import pytest

from tests.helpers import mnist
from tests.unit.models.test_shipped import ENTRIES, accuracies_are_the_recorded_ones


@mnist.needs_mnist
@pytest.mark.parametrize("name", sorted(set(ENTRIES) - {"digits-10"}))
def test_the_accuracy_on_mnist_is_the_recorded_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_DATA", str(mnist.folder()))
    accuracies_are_the_recorded_ones(ENTRIES[name])
