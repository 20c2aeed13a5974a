"""Digits drawn by hand, in many ways other than those of MNIST."""

import numpy as np
import pytest
from zoo.models.handwriting import CONDITIONS, HANDS, USUAL, draw, pictures, read

from tests.helpers.builtin_entries import AIMS
from zoo.config.catalog import read_catalog
from zoo.training import model

READS = {
    "digits-10-best": 0.75,
    "mnist-10-best": 0.85,
    "mnist-128-best": 0.97,
    "mnist-800-best": 0.97,
    "mnist-deep-best": 0.97,
}


def test_handwriting_drawings_differ() -> None:
    """Every digit is drawn in several hands, and no two drawings are alike."""
    assert set(HANDS) == set(range(10))
    assert all(len(hands) >= 2 for hands in HANDS.values())
    drawn = [image.tobytes() for _, image in pictures(USUAL, (28, 28), times=2)]
    assert len(set(drawn)) == len(drawn) == 2 * sum(map(len, HANDS.values()))
    assert drawn == [image.tobytes() for _, image in pictures(USUAL, (28, 28), times=2)]


@pytest.mark.parametrize("name", CONDITIONS)
def test_handwriting_stays_on_canvas(name: str) -> None:
    rng = np.random.default_rng(0)
    for hands in HANDS.values():
        for hand in hands:
            image = draw(hand, CONDITIONS[name], rng)
            rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
            assert rim.min() == 255
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
    """The best entries read drawings better than those of the READMEs."""
    entries = read_catalog().entries
    best = entries[name].entry
    plain = entries[best.variant_of or "mnist-128"].entry
    models = [model.load_shipped(one) for one in (best, plain)]
    shares = [read(models, ways, times=2) for ways in CONDITIONS.values()]
    ours, theirs = np.mean(shares, axis=0)
    assert ours > theirs + 0.05
    assert ours > READS[name]
