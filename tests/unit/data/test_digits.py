"""The digits of scikit-learn."""

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
    """Every cell of the CSV is where it belongs; tests/interop asks scikit-learn itself."""
    lines = gzip.decompress(digits_file().read_bytes()).decode().splitlines()
    rows = [[int(cell) for cell in line.split(",")] for line in lines]
    ours = load_digits()
    assert ours.train.labels is not None
    assert ours.train.images.tolist() == [row[:-1] for row in rows]
    assert ours.train.labels.tolist() == [row[-1] for row in rows]
    assert ours.train.images.dtype == ours.train.labels.dtype == np.uint8
    assert ours.train.images.flags.c_contiguous
    assert ours.train.images.shape == (1797, 64)
    assert (ours.shape, ours.classes, ours.test) == ((8, 8), 10, None)


def test_digits_other_hash() -> None:
    with pytest.raises(DataError, match=r"SHA-256 6ebb3d2fee24… where 000000000000… was expected"):
        load_digits(pinned=replace(DIGITS, sha256="0" * 64))


def test_digits_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "digits_file", lambda: tmp_path / "digits.csv.gz")
    with pytest.raises(DataError, match=r"digits\.csv\.gz could not be read: No such file"):
        load_digits()
