"""The splits of the data that a model was trained for."""

from collections.abc import Mapping

from zoo.data.dataset import Dataset
from zoo.data.splits import Subset, all_rows
from zoo.errors import ConfigError, DataError
from zoo.training import build, learned
from zoo.training.model import Classifier

ALL = "all"  # the split of a model without metadata, if the data has no test images


def model_splits(model: Classifier, dataset: Dataset) -> Mapping[str, Subset]:
    """Return the splits of the model's training; without metadata, the test set or all rows."""
    if facts := model.facts:
        splits = build.splits(facts.entry, dataset, seed=facts.seed)
        subsets = build.subsets(learned.with_means(splits, facts.entry))
        return {str(name): subset for name, subset in subsets.items()}
    if test := all_rows(dataset.test):
        return {"test": test}
    if everything := all_rows(dataset.train):
        return {ALL: everything}
    raise DataError(f"{dataset.source} does not have labels.")


def find_split(name: str, splits: Mapping[str, Subset], *, model: Classifier, data: str) -> Subset:
    """Return the split of this name; raise if the model does not have it."""
    if name not in splits:
        raise ConfigError(
            f"{model.name} does not have a split named {name!r} in {data}.",
            hint=f"Choose from: {', '.join(splits)}.",
        )
    return splits[name]
