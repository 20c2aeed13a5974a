"""A small entry on scikit-learn's digits, and others like it."""

from collections.abc import Mapping

from zoo.config import entry, load

PLAINEST = {
    "name": "digits-7",
    "summary": "Seven hidden units.",
    "data": "digits",
    "preprocess": {"divide": 16},
    "network": {"hidden": [7]},
    "train": {"epochs": 3, "batch": 8, "rate": 0.1, "weights": "he"},
}


def recipe(changes: Mapping[str, object] | None = None) -> entry.Entry:
    """Return the plainest entry with some dotted keys changed; None takes a key away."""
    raw = load.override(PLAINEST, [*changes.items()] if changes else [])
    return load.check(raw, where="the test's recipe")


SMALLEST = """
name = "smallest"
summary = "Nothing that could be left out."
data = "digits"
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { epochs = 1, rate = 0.1, weights = "he" }
"""


def named(name: str) -> str:
    """Return the smallest entry as TOML, under another name."""
    return SMALLEST.replace('"smallest"', f'"{name}"')
