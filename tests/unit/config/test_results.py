"""Recorded results."""

from pathlib import Path

import pytest

from zoo.analysis.statistics import summarize
from zoo.config.catalog import read_catalog
from zoo.config.packages import folder_of
from zoo.config.results import COLUMNS, read, results_of
from zoo.errors import ZooError


def test_results_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("entry,accuracy\nx,1\n")
    with pytest.raises(ZooError, match="is not a results file; its header is"):
        read(path)


def test_results_broken_row(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text(",".join(COLUMNS) + "\nx,one,test,0.9,0.1,1,abc,v\n")
    with pytest.raises(ZooError, match="line 2"):
        read(path)


def test_folder_of_package() -> None:
    models = folder_of("zoo.models")
    assert models is not None
    assert (models / "results.csv").is_file()
    assert folder_of("no_such_package") is None
    assert folder_of("no.such.package") is None
    assert folder_of("") is None


def test_results_of_built_in_entries() -> None:
    entries = [listed.entry for listed in read_catalog().entries.values()]
    for name, rows in results_of(entries).results.items():
        assert len(rows) >= (3 if name == "mnist-800-best" else 5), name
        assert [row.seed for row in rows] == list(range(len(rows))), name


# the mean and standard deviation of these recipes in earlier measurements
RECIPES = {
    "digits-10": (0.949, 0.0075),
    "kaggle-10": (0.907, 0.004),
    "mnist-10-sgd": (0.909, 0.0036),
    "mnist-128": (0.834, 0.0053),
    "mnist-10-decay": (0.797, 0.020),
}


@pytest.mark.parametrize("name", RECIPES)
def test_results_beside_earlier_measurements(name: str) -> None:
    """The mean lies within two standard deviations of an earlier measurement."""
    entry = read_catalog().find(name).entry
    summary = summarize([row.accuracy for row in results_of([entry]).results[name]])
    mean, sd = RECIPES[name]
    assert summary is not None
    assert abs(summary.mean - mean) <= 2 * sd
