"""Entries that `zoo init` writes for own data, beside scikit-learn on the same rows."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from tests.helpers.command import zoo_ok
from tests.helpers.own_data import FIVE_SHAPES, write_digits, write_iris, write_shapes, write_wine
from zoo.config.catalog import read_entry
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.data.own.load import completed
from zoo.training.prepare import prepare

SEEDS = range(10)


def iris(folder: Path) -> Path:
    write_iris(folder)
    return folder / "iris.csv"


def digits(folder: Path) -> Path:
    write_digits(folder)
    return folder / "digits.npz"


def shapes(folder: Path) -> Path:
    write_shapes(folder, 12, shapes=FIVE_SHAPES)
    return folder / "shapes"


@pytest.mark.parametrize("write", [iris, write_wine, digits, shapes])
def test_own_data_beside_sklearn(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    """The mean accuracy is within the spread of scikit-learn's, or above it."""
    file = write(tmp_path)
    zoo_ok("init", "mine", "--data", file, cwd=tmp_path)
    listed = completed(read_entry(tmp_path / "mine.toml"))
    dataset = load(listed.entry.data, locations_from_environment())
    ours, theirs = [], []
    for seed in SEEDS:
        prepared = prepare(listed.with_changes([("train.seed", seed)]), dataset)
        for _ in prepared.training:
            pass
        with prepared.training.final_weights():
            ours.append(prepared.training.evaluate(prepared.subsets["test"]).accuracy)
        (train, train_labels), (test, test_labels) = (
            (split.images[split.rows].astype(float), split.labels[split.rows])
            for split in (prepared.splits.train, prepared.subsets["test"])
        )
        scaler = StandardScaler().fit(train)
        model = MLPClassifier(tuple(listed.entry.network.hidden), max_iter=300, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(scaler.transform(train), train_labels)
        theirs.append(model.score(scaler.transform(test), test_labels))
    assert np.mean(ours) >= np.mean(theirs) - np.std(theirs, ddof=1), (ours, theirs)
