"""Shipped models on the real MNIST."""

import pytest

from tests.helpers import mnist
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.shipped import assert_recorded_scores


@mnist.needs_mnist
@pytest.mark.parametrize("name", [name for name in ENTRIES if not name.startswith("digits")])
def test_shipped_accuracy_on_mnist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accuracy on every split is the recorded one."""
    monkeypatch.setenv("ZOO_DATA", str(mnist.folder()))
    assert_recorded_scores(name)
