"""Means and deviations that a training learns from its rows."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.own_data import write_entry
from zoo.config.catalog import read_entry
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.own.load import completed
from zoo.errors import DataError
from zoo.training import learned
from zoo.training.prepare import PreparedTraining, prepare

Floats = npt.NDArray[np.floating[Any]]


def table(values: Floats) -> str:
    """Return a table of these numbers and a label; a NaN is an empty cell."""
    names = ",".join(f"c{number}" for number in range(values.shape[1]))
    rows = [
        ",".join("" if np.isnan(value) else repr(value) for value in row) for row in values.tolist()
    ]
    lines = [f"{row},{'ab'[number % 2]}" for number, row in enumerate(rows)]
    return "\n".join([f"{names},kind", *lines, ""])


def own(folder: Path, values: Floats, data: str = "") -> tuple[Entry, Dataset]:
    """Return an entry for a table of these numbers, and its dataset."""
    (folder / "a.csv").write_text(table(values))
    path = write_entry(folder, "a", f'kind = "csv"\nfile = "a.csv"\nlabel = "kind"\n{data}')
    entry = completed(read_entry(path)).entry
    return entry, load(entry.data, DataLocations(None, None, folder, offline=True, mirrors=()))


def prepared(folder: Path, values: Floats, data: str = "") -> PreparedTraining:
    entry, dataset = own(folder, values, data)
    return prepare(entry, dataset)


def test_standardize_is_numpys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Means and deviations are NumPy's in float64, of the training rows alone, in any blocks."""
    monkeypatch.setattr(learned, "BLOCK", 7)
    values = np.random.default_rng(0).normal(1e4, [1, 100, 1e-3], (40, 3))
    training = prepared(tmp_path, values, "split = {test = 10}")
    train = training.splits.train
    rows = values.astype(np.float32)[train.rows].astype(np.float64)
    assert len(rows) == 30
    assert training.entry.preprocess.mean == pytest.approx(rows.mean(axis=0), rel=1e-12)
    assert training.entry.preprocess.std == pytest.approx(rows.std(axis=0), rel=1e-12)


def test_standardize_images(tmp_path: Path) -> None:
    """Images have one mean and one deviation, of all pixels of the training rows."""
    images = np.random.default_rng(0).integers(0, 200, (24, 3, 4), np.uint8)
    np.savez(tmp_path / "a.npz", x=images, y=np.arange(24) % 2)
    path = write_entry(tmp_path, "a", 'kind = "npz"\nfile = "a.npz"\nsplit = {test = 5}')
    entry = completed(read_entry(path)).entry
    dataset = load(entry.data, DataLocations(None, None, tmp_path, offline=True, mirrors=()))
    training = prepare(entry, dataset)
    pixels = images[training.splits.train.rows].astype(np.float64)
    assert training.entry.preprocess.mean == pytest.approx(pixels.mean(), rel=1e-12)
    assert training.entry.preprocess.std == pytest.approx(pixels.std(), rel=1e-12)


def test_standardize_black_images(tmp_path: Path) -> None:
    """Pixels of one value are shifted, not divided by zero."""
    np.savez(tmp_path / "a.npz", x=np.full((20, 2, 2), 7, np.uint8), y=np.arange(20) % 2)
    path = write_entry(tmp_path, "a", 'kind = "npz"\nfile = "a.npz"')
    entry = completed(read_entry(path)).entry
    dataset = load(entry.data, DataLocations(None, None, tmp_path, offline=True, mirrors=()))
    scaling = prepare(entry, dataset).entry.preprocess
    assert (scaling.mean, scaling.std) == (7, 1)


@pytest.mark.parametrize("value", [0.1, 1e-38, 3.0, -7e20])
def test_standardize_constant_column(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, value: float
) -> None:
    """A column of one value is named and only shifted, although its mean is rounded."""
    values = np.arange(300.0).reshape(100, 3)
    values[:, 1] = value
    scaling = prepared(tmp_path, values).entry.preprocess
    assert isinstance(scaling.std, tuple)
    assert scaling.std[1] == 1
    assert caplog.messages == ["a: c1 is the same in all training rows, so it says nothing."]


def test_standardize_too_large(tmp_path: Path) -> None:
    """A mean that an entry cannot state is an error, not a run that cannot be read."""
    values = 1e31 * np.arange(40).reshape(20, 2)
    with pytest.raises(DataError, match="'c1' has values that are too large to standardize"):
        prepared(tmp_path, values)


def test_missing_values_become_means(tmp_path: Path) -> None:
    """A missing number is the mean of its column in the training rows, in every split."""
    values = np.random.default_rng(1).normal(5, 2, (60, 3)).round(3)
    values[np.random.default_rng(2).random((60, 3)) < 0.3] = np.nan
    training = prepared(tmp_path, values, 'missing = "mean"\nsplit = {test = 15, validation = 9}')
    splits = training.splits
    rows = values.astype(np.float32)
    means = np.nanmean(rows[splits.train.rows].astype(np.float64), axis=0)
    filled = np.where(np.isnan(rows), means.astype(np.float32), rows)
    for subset in (splits.train, splits.validation, splits.test):
        assert subset is not None
        np.testing.assert_array_equal(subset.images, filled)
        assert subset.images is splits.train.images  # not a copy for each split
    assert training.entry.preprocess.mean == pytest.approx(means, rel=1e-12)


def test_missing_column(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A column without a number in the training rows is constant."""
    values = np.arange(40.0).reshape(20, 2)
    values[:, 0] = np.nan
    training = prepared(tmp_path, values, 'missing = "mean"')
    assert "c0 is the same in all training rows" in caplog.text
    assert not training.splits.train.images[:, 0].any()
