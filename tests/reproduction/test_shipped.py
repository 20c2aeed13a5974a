"""Shipped models on the real MNIST."""

import numpy as np
import pytest

from tests.helpers import mnist
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.models import shipped_model
from zoo import build
from zoo.data.load import load
from zoo.data.places import places_from_environment
from zoo.metrics import score


@mnist.needs_mnist
@pytest.mark.parametrize("name", [name for name in ENTRIES if not name.startswith("digits")])
def test_shipped_accuracy_on_mnist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accuracy on every split is the recorded one."""
    monkeypatch.setenv("ZOO_DATA", str(mnist.folder()))
    found = shipped_model(name)
    dataset = load(found.entry.data.kind, places_from_environment(offline=True))
    assert dataset.digest == found.facts.data
    splits = build.splits(found.entry, dataset, seed=found.facts.seed)
    for split, recorded in found.facts.scores.items():
        part = getattr(splits, split)
        measured = score(
            found.network.logits(part.images, part.rows), part.labels[part.rows].astype(np.intp)
        )
        assert measured.n == recorded.n
        # another kernel may round an image on the border over it
        assert measured.accuracy == pytest.approx(recorded.accuracy, abs=2 / recorded.n)
        assert measured.loss == pytest.approx(recorded.loss, rel=1e-4)
