"""Ablation: the components of a recipe and their effects, worked out by hand."""

import pytest

from tests.helpers.entries import PLAINEST, recipe
from zoo.analysis.ablation import Component, ablation, components
from zoo.analysis.ablation_rows import caveats
from zoo.config import load
from zoo.config.entry import Entry

EVERYTHING: dict[str, object] = {
    "preprocess": {"divide": 16, "mean": 0.3, "std": 0.5},
    "network.input": [{"kind": "dropout", "rate": 0.1}],
    "network.block": ["dense", "batch_norm", "relu", {"kind": "dropout", "rate": 0.2}],
    "data.split.validation": 100,
    "train.augment": [{"kind": "shift", "pixels": 1}, {"kind": "elastic", "alpha": 5, "sigma": 2}],
    "train.schedule": {"kind": "cosine", "warm_up": 0.1},
    "train.optimizer": {"kind": "adamw", "decay": 0.1},
    "train.l2": 0.1,
    "train.label_smoothing": 0.1,
    "train.clip": 1.0,
    "train.average": 0.9,
    "train.patience": 3,
}


def without(changes: dict[str, object], label: str) -> Entry:
    """Return the entry without the component of this label."""
    (component,) = [
        component for component in components(recipe(changes)) if component.label == label
    ]
    raw = load.override(PLAINEST, [*changes.items(), *component.changes])
    return load.check(raw, where="the test's recipe")


def test_components_each_once() -> None:
    """Each removable part of a recipe is a component once."""
    assert [component.label for component in components(recipe(EVERYTHING))] == [
        "standardized pixels",
        "batch norm (momentum 0.9)",
        "dropout (rate 0.2)",
        "dropout (rate 0.1) of the pixels",
        "augmentation",
        "shift (pixels 1)",
        "elastic (alpha 5, sigma 2)",
        "the learning-rate schedule (cosine)",
        "the warm-up",
        "weight decay",
        "He initialization",
        "L2",
        "label smoothing",
        "clipped gradients",
        "averaged weights",
        "early stopping",
    ]


def test_component_removed() -> None:
    """Only the removed component differs."""
    whole = recipe(EVERYTHING)
    expected: dict[str, dict[str, object]] = {
        "standardized pixels": {"preprocess.mean": 0.0, "preprocess.std": 1.0},
        "weight decay": {
            "train.optimizer": {"kind": "adam", "beta1": 0.9, "beta2": 0.999},
        },
        "the learning-rate schedule (cosine)": {
            "train.schedule": {"kind": "constant", "warm_up": 0.1}
        },
        "the warm-up": {"train.schedule": {"kind": "cosine", "warm_up": 0.0}},
        "augmentation": {"train.augment": []},
        "shift (pixels 1)": {
            "train.augment": [{"kind": "elastic", "alpha": 5.0, "sigma": 2.0}],
        },
        "He initialization": {"train.weights": {"kind": "normal", "std": 0.01}},
        "clipped gradients": {"train.clip": 0.0},
        "early stopping": {"train.patience": None},
    }
    for label, differences in expected.items():
        assert without(EVERYTHING, label).differences(whole) == differences
    assert [layer.kind for layer in without(EVERYTHING, "dropout (rate 0.2)").network.block] == [
        *("dense", "batch_norm", "relu")
    ]
    assert not without(EVERYTHING, "dropout (rate 0.1) of the pixels").network.input


def test_components_nesterov_and_momentum() -> None:
    """Nesterov's correction is removed alone, momentum only with it."""
    nesterov: dict[str, object] = {
        "train.optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": True}
    }
    for label, momentum in (("Nesterov's correction", 0.9), ("momentum", 0.0)):
        left = without(nesterov, label).train.optimizer
        assert left.model_dump() == {"kind": "sgd", "momentum": momentum, "nesterov": False}


def test_components_of_the_plainest_recipe() -> None:
    """The only component of the plainest recipe is its weight initializer."""
    assert [component.label for component in components(recipe())] == ["He initialization"]
    plain = {"train.weights": {"kind": "uniform", "low": -0.5, "high": 0.5}}
    assert components(recipe(plain)) == []


def test_components_leave_a_valid_entry() -> None:
    """An entry without any one of its components is valid."""
    for component in components(recipe(EVERYTHING)):
        without(EVERYTHING, component.label)


# --- ablations ----------------------------------------------------------------------------

A, B, C, D = (Component(name, ()) for name in "abcd")


def test_ablation_differences() -> None:
    """The effect is the mean over the seeds of the accuracy lost without the component."""
    whole = {0: 0.9, 1: 0.8, 2: 0.7}
    result = ablation(
        recipe(),
        whole,
        [
            (A, {0: 0.8, 1: 0.7, 2: 0.6}),  # a tenth with every seed
            (B, {0: 0.95, 1: 0.75, 2: 0.7}),  # -0.05, 0.05, 0
            (C, {2: 0.9, 3: 0.5}),  # one seed in common
            (D, {}),
        ],
        recipe_length=7,
    )
    assert [effect.component.label for effect in result.effects] == ["a", "b", "c"]
    assert result.unknown == (D,)
    a, b, c = result.effects
    assert a.difference.mean == pytest.approx(0.1)
    assert a.difference.sd == pytest.approx(0, abs=1e-12)
    assert a.finding == "helps"
    assert b.difference.mean == pytest.approx(0, abs=1e-12)
    # Student's t for two degrees is 4.3027, and the standard deviation of -5, 5, 0 points is 5
    assert b.difference.high == pytest.approx(4.3027 * 0.05 / 3**0.5, rel=1e-4)
    assert b.finding == "unclear"
    assert (c.difference.n, c.finding) == (1, None)
    assert c.difference.mean == pytest.approx(-0.2)
    assert result.full_accuracy
    assert result.full_accuracy.mean == pytest.approx(0.8)


def test_ablation_harm() -> None:
    """A component can harm."""
    result = ablation(recipe(), {0: 0.5, 1: 0.6}, [(A, {0: 0.6, 1: 0.7})], recipe_length=7)
    assert result.effects[0].finding == "harms"


def test_ablation_early_stopping_without_verdict() -> None:
    """Early stopping uses the evaluation images, so it does not have a verdict."""
    (early,) = [component for component in components(recipe(EVERYTHING)) if not component.is_fair]
    assert early.label == "early stopping"
    result = ablation(
        recipe(),
        {0: 0.5, 1: 0.6},
        [(early, {0: 0.4, 1: 0.5}), (A, {0: 0.4, 1: 0.5})],
        recipe_length=recipe().train.length,
    )
    assert {effect.component.label: effect.finding for effect in result.effects} == {
        "early stopping": None,
        "a": "helps",
    }
    assert [text.split(":")[0] for text in caveats(result)] == ["Early stopping has no verdict"]
    assert caveats(ablation(recipe(), {}, [(A, {})], recipe_length=recipe().train.length)) == []


def test_caveats_other_length() -> None:
    """A caveat names the length if it is not the recipe's."""
    short = ablation(recipe(), {0: 0.5}, [(A, {0: 0.4})], recipe_length=2000)
    length = recipe().train.length
    (caveat,) = caveats(short)
    assert caveat == (
        f"Measured over {length} {recipe().train.unit}s instead of the recipe's 2,000; over those, "
        "a component may have another effect."
    )


# --- held-out rows ------------------------------------------------------------------------


def test_held_out_sixth() -> None:
    """Without a validation split, a sixth of the training rows is held out."""
    tested: dict[str, object] = {"data.split.test": 360}
    # a sixth of 1,437 rows
    assert recipe(tested).validation_changes() == [("data.split.validation", 239)]
    assert recipe(EVERYTHING).validation_changes() == []
