"""Small entries on scikit-learn's digits."""

from collections.abc import Mapping

from zoo.config import load
from zoo.config.entry import Entry

PLAINEST = {
    "name": "digits-7",
    "summary": "Seven hidden units.",
    "data": "digits",
    "preprocess": {"divide": 16},
    "network": {"hidden": [7]},
    "train": {"epochs": 3, "batch": 8, "rate": 0.1, "weights": "he"},
}


def recipe(changes: Mapping[str, object] | None = None) -> Entry:
    """Return the plainest entry with some dotted keys changed; None removes a key."""
    raw = load.override(PLAINEST, [*changes.items()] if changes else [])
    return load.check(raw, where="the test's recipe")


SMALLEST = """
name = "smallest"
summary = "Only the required keys."
data = "digits"
preprocess = { divide = 16 }
network = { hidden = [10] }
train = { epochs = 1, rate = 0.1, weights = "he" }
"""


def named(name: str) -> str:
    """Return the smallest entry as TOML, under another name."""
    return SMALLEST.replace('"smallest"', f'"{name}"')
