"""scikit-learn and PyTorch trained on the real MNIST."""

import pytest

from tests.helpers.baselines import ticks
from tests.helpers.mnist import folder, needs_mnist
from tests.helpers.pytorch import torch
from zoo.catalog import read_catalog
from zoo.contrast import PEERS, contrast
from zoo.data.load import load
from zoo.data.places import Places
from zoo.results import results_of


@needs_mnist
@pytest.mark.parametrize("peer", PEERS)
def test_peers_land_where_the_results_of_real_mnist_say(peer: str) -> None:
    if peer == "torch":
        torch()
    entry = read_catalog().find("mnist-128").entry
    recorded = results_of([entry]).results[entry.name][entry.train.seed]
    places = Places(folder(), None, folder(), offline=True, mirrors=())
    found = contrast(peer, entry, load("mnist", places), clock=ticks())
    assert found.accuracy == pytest.approx(recorded.accuracy, abs=0.005)
    assert found.loss == pytest.approx(recorded.loss, abs=0.01)
