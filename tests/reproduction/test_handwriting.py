"""Synthetic handwriting in many styles that MNIST does not contain."""

import numpy as np
import pytest
from zoo.models.handwriting import (
    DEFAULT_STYLE,
    GLYPHS,
    STYLES,
    accuracies,
    draw,
    normalized_images,
)

from tests.helpers.builtin_entries import AIMS
from zoo.config.catalog import read_catalog
from zoo.training import model

MINIMUM = {
    "digits-10-best": 0.75,
    "mnist-10-best": 0.85,
    "mnist-128-best": 0.97,
    "mnist-800-best": 0.97,
    "mnist-deep-best": 0.97,
}


def test_handwriting_drawings_differ() -> None:
    """Every digit has several glyphs, and no two drawings are equal."""
    assert set(GLYPHS) == set(range(10))
    assert all(len(glyphs) >= 2 for glyphs in GLYPHS.values())
    drawings = [image.tobytes() for _, image in normalized_images(DEFAULT_STYLE, (28, 28), times=2)]
    assert len(set(drawings)) == len(drawings) == 2 * sum(map(len, GLYPHS.values()))
    assert drawings == [
        image.tobytes() for _, image in normalized_images(DEFAULT_STYLE, (28, 28), times=2)
    ]


@pytest.mark.parametrize("name", STYLES)
def test_handwriting_stays_on_canvas(name: str) -> None:
    rng = np.random.default_rng(0)
    for glyphs in GLYPHS.values():
        for glyph in glyphs:
            image = draw(glyph, STYLES[name], rng)
            rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
            assert rim.min() == 255
            assert image.min() == 0


def test_handwriting_pens() -> None:
    """A thin pen draws less than a fat one."""
    rng = np.random.default_rng(0)
    thin, usual, fat = (
        np.mean([(draw(GLYPHS[8][0], STYLES[name], rng) < 128).mean() for _ in range(5)])
        for name in ("thin pen", "as usual", "fat pen")
    )
    assert thin < usual / 2
    assert usual < fat / 2


@pytest.mark.parametrize("name", AIMS)
def test_handwriting_read_by_best_entries(name: str) -> None:
    """The best entries have a higher accuracy on drawings than those of the READMEs."""
    entries = read_catalog().entries
    best = entries[name].entry
    plain = entries[best.variant_of or "mnist-128"].entry
    models = [model.load_shipped(entry) for entry in (best, plain)]
    shares = [accuracies(models, style, times=2) for style in STYLES.values()]
    best_accuracy, plain_accuracy = np.mean(shares, axis=0)
    assert best_accuracy > plain_accuracy + 0.05
    assert best_accuracy > MINIMUM[name]
