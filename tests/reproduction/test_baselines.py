"""scikit-learn and PyTorch trained on the real MNIST."""

from itertools import count

import pytest

from tests.helpers.mnist import folder, needs_mnist
from tests.helpers.optional import torch
from zoo.analysis.baselines import BASELINES, train_baseline
from zoo.config.catalog import read_catalog
from zoo.config.results import results_of
from zoo.data.load import load
from zoo.data.locations import DataLocations


@needs_mnist
@pytest.mark.parametrize("peer", BASELINES)
def test_baseline_on_mnist(peer: str) -> None:
    """Peers land where the results of MNIST say."""
    if peer == "torch":
        torch()
    entry = read_catalog().find("mnist-128").entry
    recorded = results_of([entry]).results[entry.name][entry.train.seed]
    places = DataLocations(folder(), None, folder(), offline=True, mirrors=())
    found = train_baseline(peer, entry, load(entry.data, places), clock=count().__next__)
    assert found.accuracy == pytest.approx(recorded.accuracy, abs=0.005)
    assert found.loss == pytest.approx(recorded.loss, abs=0.01)
