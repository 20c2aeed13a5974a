"""What a training learns from its rows before its first step: means and deviations."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.entry import Entry
from zoo.config.own_data import CsvData
from zoo.config.preprocess import LARGEST, SMALLEST
from zoo.data.dataset import Values
from zoo.data.splits import Splits, Subset
from zoo.errors import DataError
from zoo.formatting import listed

LOG = logging.getLogger(__name__)
SMALLEST_STD = 1e-6  # of pixels
BLOCK = 10_000  # rows that are counted at a time
Floats = npt.NDArray[np.float64]


def learn(entry: Entry, train: Subset) -> Entry:
    """Return the entry with the means and deviations of its training rows, where it asks for them.

    Constant inputs are only shifted, and named in a warning.
    """
    data, preprocess = entry.data, entry.preprocess
    has_gaps = isinstance(data, CsvData) and data.missing == "mean"
    if not (has_gaps or preprocess.learns):
        return entry
    means, deviations = _moments(train)
    updates: dict[str, Any] = {}
    if has_gaps:
        updates["data"] = data.model_copy(update={"means": tuple(means.tolist())})
    if preprocess.learns:
        updates["preprocess"] = preprocess.model_copy(
            update=_overall(means, deviations)
            if data.source.has_images
            else _of_columns(entry, means, deviations)
        )
    return entry.model_copy(update=updates)


def with_means(splits: Splits, entry: Entry) -> Splits:
    """Return the splits with the entry's means, if it has any, in place of missing values."""
    if not _means(entry):
        return splits

    replacements: dict[int, Values] = {}  # the splits of a pool share its rows

    def with_filled(subset: Subset) -> Subset:
        rows = subset.images
        if id(rows) not in replacements:
            replacements[id(rows)] = filled(rows, entry)
        return replace(subset, images=replacements[id(rows)])

    return Splits(
        splits.seed,
        with_filled(splits.train),
        splits.validation and with_filled(splits.validation),
        splits.test and with_filled(splits.test),
    )


def filled(rows: Values, entry: Entry) -> Values:
    """Return the rows with the entry's means, if it has any, in place of missing values."""
    means = _means(entry)
    if not means or not (missing := np.isnan(rows)).any():
        return rows
    return np.where(missing, np.array(means, np.float32), rows)


def _means(entry: Entry) -> tuple[float, ...]:
    return entry.data.means if isinstance(entry.data, CsvData) else ()


def _moments(train: Subset) -> tuple[Floats, Floats]:
    """Return the mean and the standard deviation of each input, without missing values.

    The deviation of an input with one value is exactly 0.
    """
    blocks = [train.rows[first : first + BLOCK] for first in range(0, len(train), BLOCK)]
    features = train.images.shape[1]
    counts, sums, squares = (np.zeros(features) for _ in range(3))
    least, most = np.full(features, np.inf), np.full(features, -np.inf)
    for block in blocks:
        values = train.images[block].astype(np.float64)
        counts += (~np.isnan(values)).sum(axis=0)
        sums += np.nansum(values, axis=0)
        np.fmin(least, np.fmin.reduce(values), out=least)
        np.fmax(most, np.fmax.reduce(values), out=most)
    counts = counts.clip(1)
    means = sums / counts
    for block in blocks:
        squares += np.nansum(np.square(train.images[block] - means), axis=0)
    return means, np.where(most > least, np.sqrt(squares / counts), 0)


def _overall(means: Floats, deviations: Floats) -> dict[str, Any]:
    """Return the mean and the deviation over all pixels, given those of each."""
    deviation = float(np.sqrt(np.square(deviations).mean() + means.var()))
    return {"mean": float(means.mean()), "std": deviation if deviation > SMALLEST_STD else 1.0}


def _of_columns(entry: Entry, means: Floats, deviations: Floats) -> dict[str, Any]:
    """Return the mean and the deviation of each column; a constant one is only shifted."""
    form = entry.data.source.table
    names = form.inputs if form else [f"column {place + 1}" for place in range(len(means))]
    constant = deviations < SMALLEST
    if constant.any():
        _warn_of_constants(entry, [names[place] for place in np.flatnonzero(constant)])
    largest = np.maximum(np.abs(means), deviations)
    if (largest > LARGEST).any():
        raise DataError(
            f"{names[int(largest.argmax())]!r} has values that are too large to standardize; "
            f"expected a mean and a deviation of at most {LARGEST:g}."
        )
    return {"mean": tuple(means.tolist()), "std": tuple(np.where(constant, 1, deviations).tolist())}


def _warn_of_constants(entry: Entry, names: Sequence[str]) -> None:
    LOG.warning(
        "%s: %s the same in all training rows, so %s nothing.",
        entry.name,
        f"{listed(names)} is" if len(names) == 1 else f"{listed(names)} are",
        "it says" if len(names) == 1 else "they say",
    )
