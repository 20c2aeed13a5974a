"""A scikit-learn classifier that trains by the recipe of an entry."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from zoo.config import load
from zoo.config.base import LABEL_LENGTH, LABEL_PATTERN
from zoo.config.catalog import find
from zoo.config.dataset_info import SOURCES
from zoo.config.datasets import MAX_LABELS
from zoo.config.entry import Entry, Raw
from zoo.config.own_data import MAX_COLUMNS, FileData
from zoo.data.dataset import Dataset, dataset_from_arrays
from zoo.data.own.frames import is_frame
from zoo.data.splits import Subset
from zoo.nn.losses import softmax
from zoo.parallel.threads import one_thread
from zoo.training import build, weights
from zoo.training.loop import Training
from zoo.training.model import Model
from zoo.training.prepare import prepare

if TYPE_CHECKING:
    import pandas as pd

    from zoo.config.data import DataConfig
    from zoo.config.dataset_info import Source
    from zoo.nn.network import Network

PLAIN: Raw = {  # the recipe without an entry
    "preprocess": {"divide": 1},
    "network": {"hidden": [64]},
    "train": {
        "epochs": 60,
        "batch": 32,
        "rate": 0.01,
        "optimizer": {"kind": "adamw", "decay": 0.01},
        "schedule": {"kind": "cosine", "warm_up": 0.1},
        "weights": "he",
    },
}
NAME_LENGTH = 200  # of a column that an entry can hold
SMALLEST, LARGEST = 1e-6, 1e6  # the limits of a standard deviation that is a divisor
NETWORK = {"hidden_layers": "hidden", "block": "block"}
RECIPE = ("optimizer", "schedule", "weights", "rate", "epochs", "batch", "l2", "label_smoothing", "clip", "average")  # fmt: skip # noqa: E501

Numbers = npt.NDArray[np.float32]
Labels = npt.NDArray[Any]


class ZooClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fully connected network, trained by the recipe of an entry with some keys changed.

    The default recipe has 64 hidden units, AdamW and a cosine schedule. Arguments that are not None
    replace the entry's values. Rows with the pixels and classes of the entry's images are scaled
    and augmented by the entry's recipe; other rows are standardized column by column, with the
    means and standard deviations of the rows in `fit`.
    """

    def __init__(
        self,
        entry: str | Entry | None = None,
        *,
        seed: int = 0,
        hidden_layers: tuple[int, ...] | None = None,
        block: tuple[Any, ...] | None = None,
        optimizer: str | dict[str, Any] | None = None,
        schedule: str | dict[str, Any] | None = None,
        weights: str | dict[str, Any] | None = None,
        rate: float | None = None,
        epochs: int | None = None,
        batch: int | None = None,
        l2: float | None = None,
        label_smoothing: float | None = None,
        clip: float | None = None,
        average: float | None = None,
    ) -> None:
        self.entry = entry
        self.seed = seed
        self.hidden_layers = hidden_layers
        self.block = block
        self.optimizer = optimizer
        self.schedule = schedule
        self.weights = weights
        self.rate = rate
        self.epochs = epochs
        self.batch = batch
        self.l2 = l2
        self.label_smoothing = label_smoothing
        self.clip = clip
        self.average = average

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:  # noqa: N803 - scikit-learn's name
        """Train a new network on rows of shape (n, features) and their n labels."""
        _check_columns(X)
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        classes, targets = np.unique(labels, return_inverse=True)
        entry = self._entry(rows, classes)
        prepared = prepare(entry, _dataset(entry, rows, targets))
        with one_thread():
            losses = [report.loss for report in prepared.training if report]
            with prepared.training.final_weights():
                self._store(prepared.network, entry, rows)
        self.classes_, self.loss_curve_, self.n_iter_ = classes, losses, len(losses)
        self._partial_fit_state: PartialFitState | None = None
        return self

    def partial_fit(
        self,
        X: npt.ArrayLike,  # noqa: N803 - scikit-learn's name
        y: npt.ArrayLike,
        classes: npt.ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on these rows; the first call takes all classes.

        The rate is constant, because the number of epochs is unknown.
        """
        first = not hasattr(self, "classes_")
        _check_columns(X)
        rows, labels = validate_data(self, X, y, dtype=np.float64, reset=first)
        check_classification_targets(labels)
        if first and classes is None:
            raise ValueError("The first call of partial_fit needs all classes.")
        all_classes = np.unique(np.asarray(classes)) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), all_classes):
            raise ValueError("classes differ from those in the first call of partial_fit.")
        if unknown := set(np.unique(labels)) - set(all_classes):
            raise ValueError(f"y has labels that are not among the classes: {sorted(unknown)}.")
        if first:
            state = PartialFitState(self._entry(rows, all_classes))
        else:  # after `fit`, its network is trained further
            state = self._partial_fit_state or PartialFitState.of(self.model_)
        with one_thread():
            loss = state.continue_training(rows, np.searchsorted(all_classes, labels))
            self._store(state.network, state.entry, rows)
        self._partial_fit_state, self.classes_ = state, all_classes
        self.loss_curve_ = [*([] if first else self.loss_curve_), loss]
        self.n_iter_ = len(self.loss_curve_)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Numbers:  # noqa: N803 - scikit-learn's name
        """Return the probabilities of the classes for each row: (n, classes)."""
        check_is_fitted(self, "classes_")
        _check_columns(X)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        with one_thread():  # float64: a result does not depend on the other rows
            return softmax(self._network.logits(_as_values(rows)))

    def predict(self, X: npt.ArrayLike) -> Labels:  # noqa: N803 - scikit-learn's name
        """Return the most probable label of each row: (n,)."""
        indices = self.predict_proba(X).argmax(axis=1)
        labels: Labels = self.classes_[indices]
        return labels

    @property
    def model_(self) -> Model:
        """The trained network as a model of zoo."""
        check_is_fitted(self, "classes_")
        return self._deserialized()

    def to_onnx(self, path: str | Path) -> Path:
        """Write the network and its scaling as ONNX.

        After a DataFrame, the metadata `columns` has the names of its columns. If the labels are
        not the numbers 0, 1, ..., an output `class` has them as texts; labels that are not texts of
        1 to 40 printable characters stay indices into `classes_`.
        """
        from zoo.export.onnx_graph import to_onnx
        from zoo.export.options import ExportOptions
        from zoo.files import write_output

        target, model, options = Path(path), self.model_, ExportOptions(input="pixels")
        if _names(self.classes_) if model.source.table else model.source.labels:
            options = dataclasses.replace(options, outputs=(*options.outputs, "class"))
        write_output(target, to_onnx(model, options))
        return target

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the network, which is rebuilt from its bytes."""
        return {key: value for key, value in super().__getstate__().items() if key != "_network"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state and rebuild the network."""
        super().__setstate__(state)
        if "_content" in state:
            self._network = self._deserialized().network_in_float64()

    def _deserialized(self) -> Model:
        return Model("estimator", *weights.deserialize(self._content, where="the estimator"))

    def _store(self, network: Network, entry: Entry, rows: npt.NDArray[Any]) -> None:
        digest = hashlib.sha256(rows.tobytes()).hexdigest()
        metadata = weights.WeightsMetadata.of(network, entry, data=digest, scores={})
        self._content = weights.serialize(network, metadata)
        self._network = self._deserialized().network_in_float64()

    def _entry(self, rows: npt.NDArray[Any], classes: Labels) -> Entry:
        """Return the entry to train on these rows."""
        raw, data = self._raw()
        # own files may have rows of any kind: they are standardized like other tables
        source = data.source if data and not isinstance(data, FileData) else None
        has_images = source and _are_images_of(rows, len(classes), source)
        names = _names(classes)
        described = {
            "kind": "table",
            "columns": rows.shape[1],
            "classes": len(classes),
            "rows": len(rows),
            "labels": names,
        }
        if (columns := self._columns()) and len(classes) <= MAX_LABELS:
            described = {
                "kind": "csv",
                "file": "DataFrame",
                "label": len(columns) + 1,
                "columns": columns,
                "classes": names or [str(number) for number in range(len(classes))],
                "rows": len(rows),
                "test_rows": 0,
            }
        if source and has_images:
            described = _images_like(source, names or list(source.names), len(rows))
        assignments: list[tuple[str, object]] = [
            ("data", described),
            ("train.seed", _plain(self.seed)),
            *((key, None) for key in ("origin", "claim", "results", "weights", "variant_of")),
        ]
        assignments += [
            (f"network.{key}", _plain(getattr(self, name)))
            for name, key in NETWORK.items()
            if getattr(self, name) is not None
        ]
        assignments += [
            (f"train.{name}", _plain(getattr(self, name)))
            for name in RECIPE
            if getattr(self, name) is not None
        ]
        if self.epochs is not None:
            assignments.append(("train.iterations", None))
        if not has_images:
            assignments += [("preprocess", _scaling(rows)), ("train.augment", None)]
        assignments.append(("train.patience", None))  # it needs a validation split
        tables = load.override(raw, assignments)
        batch = tables["train"].get("batch")
        if batch:
            tables["train"]["batch"] = min(batch, len(rows))
        return load.check(tables, where="the estimator")

    def _columns(self) -> list[str]:
        """Return the names of the columns of a DataFrame that an entry can hold; else none."""
        columns = [*map(str, getattr(self, "feature_names_in_", ()))]
        can_be_held = len(set(columns)) == len(columns) <= MAX_COLUMNS
        return (
            columns if can_be_held and all(0 < len(name) <= NAME_LENGTH for name in columns) else []
        )

    def _raw(self) -> tuple[Raw, DataConfig | None]:
        """Return the tables of the entry, and its data; None without an entry."""
        if self.entry is None:
            return {"name": "plain", "summary": "A plain recipe.", **PLAIN}, None
        if isinstance(self.entry, Entry):
            return self.entry.model_dump(mode="json", exclude_none=True), self.entry.data
        catalog_entry = find(self.entry)
        return catalog_entry.raw, catalog_entry.entry.data


class PartialFitState:
    """The state of incremental training by `partial_fit`."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.rngs = build.make_rngs(entry.train.seed)
        self.network = build.network(entry, self.rngs)
        self.optimizer = build.optimizer(entry.train.optimizer, self.network)
        self.steps = 0

    @classmethod
    def of(cls, model: Model) -> Self:
        """Return a state that continues the training of a model."""
        state = cls(model.entry)
        np.copyto(state.network.parameters, model.network.parameters)
        np.copyto(state.network.statistics, model.network.statistics)
        return state

    @property
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        arrays = {"parameters": self.network.parameters, "statistics": self.network.statistics}
        return arrays | dict(self.optimizer.state)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state on which the next epoch depends."""
        return {
            "entry": self.entry,
            "steps": self.steps,
            "arrays": {name: array.copy() for name, array in self._arrays.items()},
            "rngs": {name: rng.bit_generator.state for name, rng in self.rngs.items()},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state."""
        self.__init__(state["entry"])  # type: ignore[misc]
        self.steps = state["steps"]
        for name, array in self._arrays.items():
            np.copyto(array, state["arrays"][name])
        for name, rng in self.rngs.items():
            rng.bit_generator.state = state["rngs"][name]

    def continue_training(self, rows: npt.NDArray[Any], targets: npt.NDArray[np.intp]) -> float:
        """Train for one epoch on these rows; return its mean loss."""
        batch = min(self.entry.train.batch or len(rows), len(rows))
        train = self.entry.train.model_copy(update={"batch": batch, "augment": ()})
        plan = dataclasses.replace(
            build.plan(train, self.network, rows=len(rows)),
            optimizer=self.optimizer,
            schedule=lambda _: train.rate,
            steps=-(-len(rows) // batch),
            previous_steps=self.steps,
        )
        subset = Subset(_as_values(rows), targets, np.arange(len(rows)))
        shape = self.entry.data.source.shape
        batches = build.batches(train, self.network, subset, self.rngs, shape=shape)
        training = Training(self.network, batches, plan, self.rngs)
        losses = [report.loss for report in training if report]
        self.steps += plan.steps
        return losses[-1]


def _check_columns(rows: object) -> None:
    """Raise if a column of a DataFrame does not hold numbers."""
    if not is_frame(rows):
        return
    for name, column in rows.items():
        if not _holds_numbers(column):
            raise ValueError(
                f"Column {name!r} of X holds {column.dtype}; expected numbers. For texts, put "
                "sklearn.preprocessing.OneHotEncoder before ZooClassifier, with "
                "sklearn.compose.make_column_transformer, or call zoo.train(entry, data=frame) "
                "with an entry that has categories."
            )


def _holds_numbers(column: pd.Series[Any]) -> bool:
    try:
        column.astype(np.float64)
    except (TypeError, ValueError):
        return False
    return column.dtype.kind not in "mM"  # dates would become nanoseconds


def _names(classes: Labels) -> list[str]:
    """Return the labels as names of classes; none if they are 0, 1, ... or cannot be names."""
    values = classes.tolist()
    names = [str(value) for value in values]
    are_names = len(set(names)) == len(names) <= MAX_LABELS and all(
        len(name) <= LABEL_LENGTH and re.fullmatch(LABEL_PATTERN, name) for name in names
    )
    return names if are_names and values != list(range(len(values))) else []


def _images_like(source: Source, classes: list[str], rows: int) -> dict[str, object]:
    """Return [data] of images in the form of a source, whose classes may have other names."""
    if source.name in SOURCES and tuple(classes) == source.names:
        return {"kind": source.name}
    return {
        "kind": "npz",
        "file": "images",
        "shape": list(source.shape),
        "highest": source.highest,
        "fit": source.fit,
        "classes": classes,
        "rows": rows,
        "test_rows": 0,
    }


def _plain(value: object) -> object:
    """Return NumPy scalars, arrays and tuples as plain Python values for a TOML."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _as_values(rows: npt.NDArray[Any]) -> Numbers:
    """Return the rows as float32; raise if a value is too large for it."""
    with np.errstate(over="ignore"):
        values = rows.astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("X contains a number that is too large for float32.")
    return values


def _scaling(rows: npt.NDArray[Any]) -> dict[str, object]:
    """Return the preprocessing that standardizes each column to mean 0 and deviation 1."""
    _as_values(rows)  # otherwise the squares may be infinite
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    largest = max(float(np.abs(mean).max()), float(std.max()))
    divide = 2.0 ** math.ceil(math.log2(max(largest, LARGEST) / LARGEST))
    deviation = np.where(std > 0, std / divide, 1).clip(SMALLEST, LARGEST)
    return {"divide": divide, "mean": (mean / divide).tolist(), "std": deviation.tolist()}


def _are_images_of(rows: npt.NDArray[Any], classes: int, source: Source) -> bool:
    """Return whether rows have the pixels, the range of integers and the classes of a source."""
    pixels = source.shape[0] * source.shape[1]
    if (rows.shape[1], classes) != (pixels, source.classes):
        return False
    return bool((rows == np.rint(rows)).all() and rows.min() >= 0 and rows.max() <= source.highest)


def _dataset(entry: Entry, rows: npt.NDArray[Any], targets: npt.NDArray[np.intp]) -> Dataset:
    """Return the training data: images as uint8, other rows as float32."""
    source = entry.data.source
    values = rows.astype(np.uint8) if source.has_images else _as_values(rows)
    return dataset_from_arrays(source, values, targets)
