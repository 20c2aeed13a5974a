"""The TOML of an entry for the user's data, with comments in the words of that data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.config.commented_toml import Setting
from zoo.config.recipe_size import RecipeSize, size_for
from zoo.config.templates import data_entry
from zoo.formatting import count, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.config.entry import Entry
    from zoo.data.dataset import Dataset

DECAY = 0.5  # 0.05 is 0.6 points worse on scikit-learn's iris, and 0.3 on its breast cancer
MANY = 12  # classes that a comment counts


def entry_text(
    entry: Entry, dataset: Dataset, data: Mapping[str, Any], comments: Mapping[str, str]
) -> str:
    """Return the text of the entry; `data` are the keys of [data] to write, with comments."""
    counted = next(key for key in ("label", "labels", "y", "path") if key in data)
    notes = {**comments, counted: _joined(_classes(entry, dataset), comments.get(counted, ""))}
    of_columns = {
        key.partition(".")[2]: text for key, text in notes.items() if key.startswith("columns.")
    }
    return data_entry(
        head=[
            Setting("name", entry.name),
            Setting("summary", entry.summary),
            Setting("preprocess", "standardize", _standardized(entry)),
        ],
        data=[
            Setting(key, value, notes.get(key, ""), of_columns if key == "columns" else {})
            for key, value in data.items()
            if key != "split"
        ],
        split=_split(entry, data["split"], comments),
        network=_network(entry),
        train=_train(entry),
    )


def _joined(*texts: str) -> str:
    return "; ".join(filter(None, texts))


def _classes(entry: Entry, dataset: Dataset) -> str:
    """Return text such as "2 classes: circle 12 and square 9"."""
    names = entry.data.source.names
    assert dataset.train.labels is not None  # noqa: S101 - the user's data has labels
    counts = np.bincount(dataset.train.labels, minlength=len(names))
    pairs = [f"{name} {number:,}" for name, number in zip(names, counts, strict=True)]
    return f"{len(names):,} classes: {listed(pairs, most=MANY)}"


def _standardized(entry: Entry) -> str:
    what = "all pixels get" if entry.data.source.has_images else "each column gets"
    return f"{what} the mean 0 and the standard deviation 1"


def _split(entry: Entry, split: Mapping[str, Any], comments: Mapping[str, str]) -> list[Setting]:
    sizes, noun = entry.data.sizes, entry.data.source.noun
    notes = {
        "validation": f"{count(sizes.validation, noun)}, for the accuracy during training",
        "test": f"{count(sizes.test, noun)} that the training never sees",
        "stratify": "each split has the classes in the same shares",
        "column": comments.get("split.column", ""),
    }
    return [Setting(key, value, notes.get(key, "")) for key, value in split.items()]


def _network(entry: Entry) -> list[Setting]:
    units = _size(entry).units
    words = (
        f"units between {entry.data.features:,} inputs and {entry.data.source.classes:,} classes"
    )
    return [Setting("hidden", [units], f"{words}; [{units}, {units}] is two layers")]


def _train(entry: Entry) -> list[Setting]:
    size, rows = _size(entry), entry.data.train_rows
    return [
        Setting(
            "epochs",
            size.epochs,
            f"passes over the {count(rows, entry.data.source.noun)} to train on",
        ),
        Setting("batch", size.batch, f"{entry.data.source.noun}s in a step"),
        Setting("rate", size.rate, "the learning rate"),
        Setting("optimizer", {"kind": "adamw", "decay": DECAY}, "more decay: less overfitting"),
        Setting("schedule", {"kind": "cosine", "warm_up": 0.1}, "the rate rises, then falls to 0"),
        Setting("weights", "he", "the initializer"),
        Setting("seed", 0, "another seed: other initial weights, and another split"),
    ]


def _size(entry: Entry) -> RecipeSize:
    data = entry.data
    return size_for(data.train_rows, classes=data.source.classes, has_images=data.source.has_images)
