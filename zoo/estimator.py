"""Any recipe as an estimator of scikit-learn: rows of numbers in, labels of any kind out."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from zoo.config import entry as config
from zoo.config import load
from zoo.config.catalog import find
from zoo.data.dataset import Dataset, dataset_from_arrays
from zoo.data.splits import Subset
from zoo.nn.losses import softmax
from zoo.parallel.threads import one_thread
from zoo.training import build, weights
from zoo.training.loop import Training, prepare
from zoo.training.model import Model

if TYPE_CHECKING:
    from zoo.config.dataset_info import Source
    from zoo.config.datasets import DataConfig
    from zoo.nn.network import Network

PLAIN: config.Raw = {  # what is trained where no entry is named
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
SMALLEST, LARGEST = 1e-6, 1e6  # what a deviation may be that is divided by
NETWORK = {"hidden_layers": "hidden", "block": "block"}
RECIPE = ("optimizer", "schedule", "weights", "rate", "epochs", "batch", "l2", "label_smoothing", "clip", "average")  # fmt: skip # noqa: E501

Numbers = npt.NDArray[np.float32]
Labels = npt.NDArray[Any]


class ZooClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fully connected network, trained by the recipe of an entry with some keys changed.

    Without an entry the recipe is a plain one: 64 hidden units, AdamW, a falling rate. What is not
    None takes the place of what the entry says. Rows that could be the entry's own pictures, by
    their pixels and their classes, are scaled and bent as the entry does; others are standardized,
    column by column, with the means and deviations of the rows in `fit`.
    """

    def __init__(
        self,
        entry: str | config.Entry | None = None,
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
        """Train on rows and their labels, from the beginning."""
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        classes, targets = np.unique(labels, return_inverse=True)
        entry = self._entry(rows, len(classes))
        work = prepare(entry, _dataset(entry, rows, targets))
        with one_thread():
            losses = [report.loss for report in work.training if report]
            with work.training.final_weights():
                self._keep(work.network, entry, rows)
        self.classes_, self.loss_curve_, self.n_iter_ = classes, losses, len(losses)
        self._begun: PartialFitState | None = None
        return self

    def partial_fit(
        self,
        X: npt.ArrayLike,  # noqa: N803 - scikit-learn's name
        y: npt.ArrayLike,
        classes: npt.ArrayLike | None = None,
    ) -> Self:
        """Make one more pass, over these rows; the first call names all classes there will be.

        The rate stays what it is in the recipe, since nobody knows how many passes there will be.
        """
        first = not hasattr(self, "classes_")
        rows, labels = validate_data(self, X, y, dtype=np.float64, reset=first)
        check_classification_targets(labels)
        if first and classes is None:
            raise ValueError("The first call of partial_fit names all classes there will be.")
        known = np.unique(np.asarray(classes)) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), known):
            raise ValueError("classes are others than in the first call of partial_fit.")
        if unknown := set(np.unique(labels)) - set(known):
            raise ValueError(f"y has labels that are not among the classes: {sorted(unknown)}.")
        if first:
            begun = PartialFitState(self._entry(rows, len(known)))
        else:  # what `fit` has trained is gone on with
            begun = self._begun or PartialFitState.of(self.model_)
        with one_thread():
            loss = begun.continue_training(rows, np.searchsorted(known, labels))
            self._keep(begun.network, begun.entry, rows)
        self._begun, self.classes_ = begun, known
        self.loss_curve_ = [*([] if first else self.loss_curve_), loss]
        self.n_iter_ = len(self.loss_curve_)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Numbers:  # noqa: N803 - scikit-learn's name
        """Return a probability for every row and class."""
        check_is_fitted(self, "classes_")
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        with one_thread():  # in float64, so that no answer depends on the rows around it
            return softmax(self._network.logits(_as_values(rows)))

    def predict(self, X: npt.ArrayLike) -> Labels:  # noqa: N803 - scikit-learn's name
        """Return the most probable label of every row."""
        answers = self.predict_proba(X).argmax(axis=1)
        labels: Labels = self.classes_[answers]
        return labels

    @property
    def model_(self) -> Model:
        """The trained network, as zoo has it."""
        check_is_fitted(self, "classes_")
        return self._unpacked()

    def to_onnx(self, path: str | Path) -> Path:
        """Write the network with its scaling as ONNX; it answers with numbers of the classes."""
        from zoo.export.onnx_graph import to_onnx
        from zoo.export.options import ExportOptions
        from zoo.files import write_atomically

        target = Path(path)
        write_atomically(target, to_onnx(self.model_, ExportOptions(input="pixels")))
        return target

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made again from the bytes of the network."""
        return {key: value for key, value in super().__getstate__().items() if key != "_network"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the network again."""
        super().__setstate__(state)
        if "_content" in state:
            self._network = _in_float64(self._unpacked())

    def _unpacked(self) -> Model:
        return Model("estimator", *weights.deserialize(self._content, where="the estimator"))

    def _keep(self, network: Network, entry: config.Entry, rows: npt.NDArray[Any]) -> None:
        digest = hashlib.sha256(rows.tobytes()).hexdigest()
        facts = weights.WeightsMetadata.of(network, entry, data=digest, scores={})
        self._content = weights.serialize(network, facts)
        self._network = _in_float64(self._unpacked())

    def _entry(self, rows: npt.NDArray[Any], classes: int) -> config.Entry:
        """Return the recipe for such rows."""
        raw, known = self._raw()
        source = known.source if known else None
        pictures = source and _are_like(rows, classes, source)
        shape = {"columns": rows.shape[1], "classes": classes, "rows": len(rows)}
        assignments: list[tuple[str, object]] = [
            ("data", {"kind": source.name} if source and pictures else {"kind": "table", **shape}),
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
        if not pictures:
            assignments += [("preprocess", _scaling(rows)), ("train.augment", None)]
        assignments.append(("train.patience", None))  # there is no validation split to watch
        chosen = load.override(raw, assignments)
        batch = chosen["train"].get("batch")
        if batch:
            chosen["train"]["batch"] = min(batch, len(rows))
        return load.check(chosen, where="the estimator")

    def _raw(self) -> tuple[config.Raw, DataConfig | None]:
        """Return the TOML of the entry, and which data it speaks of."""
        if self.entry is None:
            return {"name": "plain", "summary": "A plain recipe.", **PLAIN}, None
        if isinstance(self.entry, config.Entry):
            return self.entry.model_dump(mode="json", exclude_none=True), self.entry.data
        listed = find(self.entry)
        return listed.raw, listed.entry.data


class PartialFitState:
    """A network that is trained pass by pass, on rows that come by and by."""

    def __init__(self, entry: config.Entry) -> None:
        self.entry = entry
        self.chance = build.make_rngs(entry.train.seed)
        self.network = build.network(entry, self.chance)
        self.optimizer = build.optimizer(entry.train.optimizer, self.network)
        self.steps = 0

    @classmethod
    def of(cls, model: Model) -> Self:
        """Return the training of a network that is trained already."""
        begun = cls(model.entry)
        np.copyto(begun.network.parameters, model.network.parameters)
        np.copyto(begun.network.statistics, model.network.statistics)
        return begun

    @property
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        own = {"parameters": self.network.parameters, "statistics": self.network.statistics}
        return own | dict(self.optimizer.state)

    def __getstate__(self) -> dict[str, Any]:
        """Return what the next pass depends on."""
        return {
            "entry": self.entry,
            "steps": self.steps,
            "arrays": {name: array.copy() for name, array in self._arrays.items()},
            "chance": {name: rng.bit_generator.state for name, rng in self.chance.items()},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.__init__(state["entry"])  # type: ignore[misc]
        self.steps = state["steps"]
        for name, array in self._arrays.items():
            np.copyto(array, state["arrays"][name])
        for name, rng in self.chance.items():
            rng.bit_generator.state = state["chance"][name]

    def continue_training(self, rows: npt.NDArray[Any], targets: npt.NDArray[np.intp]) -> float:
        """Make one pass over these rows; return its mean loss."""
        batch = min(self.entry.train.batch or len(rows), len(rows))
        train = self.entry.train.model_copy(update={"batch": batch})
        plan = dataclasses.replace(
            build.plan(train, self.network, rows=len(rows)),
            optimizer=self.optimizer,
            schedule=lambda _: train.rate,
            steps=-(-len(rows) // batch),
            previous_steps=self.steps,
        )
        part = Subset(_as_values(rows), targets, np.arange(len(rows)))
        training = Training(self.network, part, plan, self.chance)
        losses = [report.loss for report in training if report]
        self.steps += plan.steps
        return losses[-1]


def _plain(value: object) -> object:
    """Return what NumPy's numbers, arrays and tuples are in a TOML."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _in_float64(model: Model) -> Network:
    """Return the network with its numbers in float64."""
    network = build.build_network(model.entry, np.random.default_rng(0), dtype=np.float64)
    np.copyto(network.parameters, model.network.parameters)
    np.copyto(network.statistics, model.network.statistics)
    return network


def _as_values(rows: npt.NDArray[Any]) -> Numbers:
    """Return the rows as the network takes them; what is too large for it is refused."""
    with np.errstate(over="ignore"):
        values = rows.astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("X holds a number that is infinity in float32.")
    return values


def _scaling(rows: npt.NDArray[Any]) -> dict[str, object]:
    """Return what brings every column to mean 0 and deviation 1."""
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    largest = max(float(np.abs(mean).max()), float(std.max()))
    divide = 2.0 ** math.ceil(math.log2(max(largest, LARGEST) / LARGEST))
    deviation = np.where(std > 0, std / divide, 1).clip(SMALLEST, LARGEST)
    return {"divide": divide, "mean": (mean / divide).tolist(), "std": deviation.tolist()}


def _are_like(rows: npt.NDArray[Any], classes: int, source: Source) -> bool:
    """Whether rows are pictures as a source has them: as many pixels, whole, of as many classes."""
    pixels = source.shape[0] * source.shape[1]
    if (rows.shape[1], classes) != (pixels, source.classes):
        return False
    return bool((rows == np.rint(rows)).all() and rows.min() >= 0 and rows.max() <= source.highest)


def _dataset(entry: config.Entry, rows: npt.NDArray[Any], targets: npt.NDArray[np.intp]) -> Dataset:
    """Return what is trained on: pictures as bytes, other rows as they are."""
    source = entry.data.source
    values = rows.astype(np.uint8) if source.has_images else _as_values(rows)
    return dataset_from_arrays(source, values, targets)
