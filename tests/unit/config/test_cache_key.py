"""Digests of recipes, and keys of trainings."""

import pytest

from tests.helpers.entries import PLAINEST, recipe
from zoo.config import cache_key, load


def test_key_of_seed_and_data() -> None:
    first, second = (recipe({"train.seed": seed}) for seed in (0, 1))
    assert cache_key.recipe_digest(first) == cache_key.recipe_digest(second)
    assert cache_key.training_key(first, "d") != cache_key.training_key(second, "d")
    assert cache_key.training_key(first, "d") != cache_key.training_key(first, "e")
    assert cache_key.training_key(first, "d") == cache_key.training_key(recipe(), "d")


@pytest.mark.parametrize(
    "change",
    [
        {"train.rate": 0.2},
        {"train.epochs": 4},
        {"network.hidden": [8]},
        {"network.block": ["dense", "tanh"]},
        {"preprocess.divide": 15},
        {"data.split.seed": 5},
        {"train.optimizer": {"kind": "sgd", "momentum": 0.5}},
        {"name": "another"},
    ],
    ids=str,
)
def test_key_of_a_changed_setting(change: dict[str, object]) -> None:
    raw = load.override({**PLAINEST, "data": {"kind": "digits"}}, [*change.items()])
    assert cache_key.recipe_digest(load.check(raw, where="here")) != cache_key.recipe_digest(
        recipe()
    )


def test_key_of_words_and_defaults() -> None:
    """Descriptions and explicit defaults do not change a recipe's digest."""
    changes = {
        "summary": "Another text.",
        "claim": {"value": 0.9, "split": "train", "tolerance": 0.1, "quote": "90 %"},
        "train.l2": 0.0,
        "train.optimizer": {"kind": "sgd", "momentum": 0.0},
    }
    assert cache_key.recipe_digest(recipe(changes)) == cache_key.recipe_digest(recipe())
