"""Accuracy on synthetic handwriting in styles that differ from MNIST."""

import numpy as np
import pytest
from zoo.models.synthetic_digits import CONDITIONS, HANDS, USUAL, draw, pictures, read

from tests.helpers.builtin_entries import AIMS
from zoo.config.catalog import read_catalog
from zoo.training import model

MIN_ACCURACY = {
    "digits-10-best": 0.75,
    "mnist-10-best": 0.85,
    "mnist-128-best": 0.97,
    "mnist-800-best": 0.97,
    "mnist-deep-best": 0.97,
}


def test_handwriting_drawings_differ() -> None:
    """Each digit is drawn in several styles, and all drawings differ."""
    assert set(HANDS) == set(range(10))
    assert all(len(hands) >= 2 for hands in HANDS.values())
    drawings = [image.tobytes() for _, image in pictures(USUAL, (28, 28), times=2)]
    assert len(set(drawings)) == len(drawings) == 2 * sum(map(len, HANDS.values()))
    assert drawings == [image.tobytes() for _, image in pictures(USUAL, (28, 28), times=2)]


@pytest.mark.parametrize("name", CONDITIONS)
def test_handwriting_stays_on_canvas(name: str) -> None:
    rng = np.random.default_rng(0)
    for hands in HANDS.values():
        for hand in hands:
            image = draw(hand, CONDITIONS[name], rng)
            border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
            assert border.min() == 255
            assert image.min() == 0


def test_handwriting_pens() -> None:
    """A thin pen draws less than a fat one."""
    rng = np.random.default_rng(0)
    thin, usual, fat = (
        np.mean([(draw(HANDS[8][0], CONDITIONS[name], rng) < 128).mean() for _ in range(5)])
        for name in ("thin pen", "as usual", "fat pen")
    )
    assert thin < usual / 2
    assert usual < fat / 2


@pytest.mark.parametrize("name", AIMS)
def test_handwriting_read_by_best_entries(name: str) -> None:
    """The best entries are more accurate on drawings than the plain ones."""
    entries = read_catalog().entries
    best = entries[name].entry
    plain = entries[best.variant_of or "mnist-128"].entry
    models = [model.load_shipped(entry) for entry in (best, plain)]
    shares = [read(models, ways, times=2) for ways in CONDITIONS.values()]
    best_accuracy, plain_accuracy = np.mean(shares, axis=0)
    assert best_accuracy > plain_accuracy + 0.05
    assert best_accuracy > MIN_ACCURACY[name]
