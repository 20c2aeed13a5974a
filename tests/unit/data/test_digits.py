"""scikit-learn's digits."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zoo.data import digits
from zoo.data.digits import load_digits
from zoo.data.locations import digits_file
from zoo.data.pins import DIGITS
from zoo.errors import DataError


def test_digits_read() -> None:
    """Each cell of the CSV file is in its place; tests/interop compares with scikit-learn."""
    lines = gzip.decompress(digits_file().read_bytes()).decode().splitlines()
    rows = [[int(cell) for cell in line.split(",")] for line in lines]
    dataset = load_digits()
    assert dataset.train.labels is not None
    assert dataset.train.images.tolist() == [row[:-1] for row in rows]
    assert dataset.train.labels.tolist() == [row[-1] for row in rows]
    assert dataset.train.images.dtype == dataset.train.labels.dtype == np.uint8
    assert dataset.train.images.flags.c_contiguous
    assert dataset.train.images.shape == (1797, 64)
    assert (dataset.shape, dataset.classes, dataset.test) == ((8, 8), 10, None)


def test_digits_other_hash() -> None:
    with pytest.raises(DataError, match=r"expected SHA-256 000000000000…, got 6ebb3d2fee24…"):
        load_digits(pinned=replace(DIGITS, sha256="0" * 64))


def test_digits_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "digits_file", lambda: tmp_path / "digits.csv.gz")
    with pytest.raises(DataError, match=r"digits\.csv\.gz does not exist"):
        load_digits()
