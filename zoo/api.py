"""The public API of `import zoo`: entries, trained models and trainings."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from zoo import html
from zoo.config.catalog import USER_FILE, CatalogEntry, find, read_catalog
from zoo.config.entry import Entry
from zoo.config.own_data import CsvData, FileData
from zoo.data.own.data_entry import data_entry, is_data
from zoo.errors import ConfigError, DataError
from zoo.formatting import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from zoo.config.entry import SplitName
    from zoo.data.dataset import Dataset
    from zoo.nn.metrics import Score
    from zoo.training import model

    Array = npt.NDArray[np.float32]
    Labels = npt.NDArray[np.int64] | npt.NDArray[np.str_]
    Images = npt.ArrayLike | pd.DataFrame
    Data = Dataset | str | Path | tuple[Images, npt.ArrayLike] | pd.DataFrame

LOG = logging.getLogger(__name__)
NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")  # as an int64 is written
SHOWN_EPOCHS = 12  # in a notebook; the last ones


def names() -> list[str]:
    """Return the names of all entries: built-in, from plugins and from folders.

    >>> names()[:2]
    ['digits-10', 'digits-10-best']
    """
    return list(read_catalog().entries)


def entry(name: str | Path, **changes: object) -> Entry:
    """Return an entry by name or from a TOML file; `train__rate=0.1` changes a key.

    What an entry does not state about files of yours is found in them. `name` may also be a table
    or a folder of images of yours: then the recipe follows from the data, as in `zoo train`.

    >>> entry("mnist-128").parameters
    101770
    >>> entry("mnist-128", network__hidden=[64]).architecture
    '784-64-10'
    """
    listed, assignments = _found(name), _assignments(changes)
    if isinstance(listed.entry.data, FileData):
        from zoo.data.own.load import completed

        listed = completed(listed, assignments)
    return listed.with_changes(assignments)


def load(name: str | Path) -> Model:
    """Return a trained model: `name` is an entry, the folder of a run or a .safetensors file.

    >>> model = load("digits-10")
    >>> model.name, len(model.layers)
    ('digits-10', 3)
    """
    from zoo.inference.load import find_model

    return Model(find_model(str(name), runs=Path(os.environ.get("ZOO_RUNS", "runs"))))


def train(
    recipe: str | Path | Entry,
    *,
    data: Data | None = None,
    seed: int | None = None,
    **changes: object,
) -> Training:
    """Return a training that has not started: iterate over its epochs, or read its `model`.

    `recipe` is an entry, its name or its TOML file, or a file or folder of your data. `data`
    replaces the entry's data: a folder, a tuple of images and labels, or, for a table with named
    columns, a file or a DataFrame.

    >>> train("digits-10", seed=0, train__iterations=100).model.scores["test"].n
    360
    >>> for epoch in train("digits-10", train__iterations=100):
    ...     print(epoch.number, f"{epoch.loss:.2f}")
    50 2.30
    100 2.29
    """
    listed = _listed(recipe)
    if seed is not None:
        changes["train__seed"] = seed
    assignments = _assignments(changes)
    config, path = listed.entry.data, Path(data) if isinstance(data, str | Path) else None
    is_in_files = path or data is None or not isinstance(config, CsvData)
    if isinstance(config, FileData) and is_in_files:
        from zoo.data.own.load import completed

        listed = completed(listed, assignments, path)
        data = None if path else data
    base = listed.with_changes(assignments) if assignments else listed.entry
    return Training(base, data)


def _listed(recipe: str | Path | Entry) -> CatalogEntry:
    if not isinstance(recipe, Entry):
        return _found(recipe)
    raw = recipe.without_learned.model_dump(mode="json", exclude_none=True)
    if isinstance(recipe.data, FileData):  # other files may have other numbers of rows
        raw["data"] = {key: raw["data"][key] for key in raw["data"].keys() - {"rows", "test_rows"}}
    return CatalogEntry(recipe, raw, USER_FILE, Path(f"{recipe.name}.toml").absolute())


def _found(name: str | Path) -> CatalogEntry:
    """Return the entry of a name or a TOML file, or one for data, after a look at it."""
    if not isinstance(name, str | os.PathLike):
        from zoo.data.own.frames import is_frame

        raise ConfigError(
            f"Invalid entry: expected an entry, its name or a file, got a {type(name).__name__}.",
            hint='Save it, frame.to_csv("mine.csv", index=False), and call zoo.train("mine.csv"); '
            "or call zoo.train(entry, data=frame)."
            if is_frame(name)
            else "zoo.names() lists the entries.",
        )
    if not is_data(os.fspath(name)):
        return find(name)
    from zoo.data.summary import summarize_data
    from zoo.training import build

    new = data_entry(Path(name))
    splits = build.splits(new.complete, new.dataset, seed=new.complete.train.seed)
    summary = summarize_data(new.complete, new.dataset, splits)
    for warning in (*new.warnings, *summary.warnings):
        LOG.warning("%s: %s", name, warning)
    return new.listed


def _assignments(changes: Mapping[str, object]) -> list[tuple[str, object]]:
    return [(key.replace("__", "."), value) for key, value in changes.items()]


@dataclass(frozen=True)
class LayerInfo:
    """A layer of a trained network: its kind, its widths and its arrays by name."""

    kind: str
    inputs: int
    outputs: int
    arrays: dict[str, Array]


class Model:
    """A trained network. It predicts images of shape (n, features) or (n, height, width).

    Pixels are integers in the range of the data (0 to 255 for MNIST), or floats from 0 to 1. Rows
    of a table with named columns may be a DataFrame.
    """

    def __init__(self, wrapped: model.Model) -> None:
        self.wrapped = wrapped  # the model that exports and evaluations accept

    @property
    def name(self) -> str:
        """The name under which it was loaded."""
        return self.wrapped.name

    @property
    def entry(self) -> Entry:
        """The entry that was trained."""
        return self.wrapped.entry

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, by their numbers."""
        return self.wrapped.source.names

    @property
    def scores(self) -> Mapping[SplitName, Score]:
        """The accuracy and loss on each split, measured at the end of the training."""
        return self.wrapped.facts.scores

    @cached_property
    def layers(self) -> tuple[LayerInfo, ...]:
        """All layers, from the input to the output, with copies of their arrays."""
        return tuple(
            LayerInfo(
                spec.layer.kind,
                spec.inputs,
                spec.outputs,
                {name: array.copy() for name, array in layer.named_arrays().items()},
            )
            for spec, layer in zip(self.entry.layers, self.wrapped.network.layers, strict=True)
        )

    def predict_proba(self, images: Images) -> Array:
        """Return the probabilities of the classes for each image: (n, classes) float32."""
        from zoo.data.from_arrays import unmasked, values
        from zoo.data.own.frames import frame_rows, is_frame
        from zoo.nn.losses import softmax
        from zoo.parallel.threads import one_thread

        source = self.wrapped.source
        if isinstance(images, Prediction):
            raise DataError(
                "The file is predicted already; expected images, got a Prediction.",
                hint="`read` returns it: use its label and its probabilities.",
            )
        if source.table and is_frame(images):
            rows = frame_rows(images, source.table)
        else:
            rows = values(unmasked(images), source)
        with one_thread():
            return softmax(self.wrapped.logits(rows))

    def predict(self, images: Images) -> Labels:
        """Return the most probable class of each image: (n,).

        It is the name of the class, such as "setosa"; if all names are whole numbers, as those of
        digits are, it is the number.
        """
        labels: Labels = self._labels[self.predict_proba(images).argmax(axis=1)]
        return labels

    @cached_property
    def _labels(self) -> Labels:
        """The classes as `predict` returns them."""
        import numpy as np

        are_numbers = all(map(NUMBER.fullmatch, self.classes))
        return np.array(self.classes, np.int64) if are_numbers else np.array(self.classes, np.str_)

    def read(self, path: str | Path) -> Prediction:
        """Return the prediction for an image file, normalized to the format of the data.

        A file with one row of a table is read, too.
        """
        from zoo.inference import inputs, predict
        from zoo.inference.file_groups import Unreadable
        from zoo.parallel.threads import one_thread

        source = self.wrapped.source
        spec = inputs.InputSpec(source, None, Path())
        read = list(islice(inputs.read_file(Path(path), spec), 2))
        if len(read) > 1:
            raise DataError(
                f"{path} has more than one {source.noun}, and `read` predicts one.",
                hint=f"Call predict with the {source.noun}s as an array"
                f"{', or as a DataFrame' if source.table else ''}.",
            )
        with one_thread():
            [result] = predict.predict(self.wrapped, read)
        if isinstance(result, Unreadable):
            raise result.error
        label = self._labels[result.label].item()
        image = result.input.image.reshape(source.shape)
        return Prediction(
            label, result.probabilities, image, result.input.steps, source.highest, self.classes
        )

    def __repr__(self) -> str:
        return f"<zoo.Model {self.name} {self.entry.architecture}>"

    def _repr_html_(self) -> str:
        scores = [
            (f"accuracy on {name}", f"{percent(score.accuracy)} of {score.n:,}")
            for name, score in self.scores.items()
        ]
        return html.key_values(
            [(self.name, self.entry.architecture), ("", self.entry.summary), *scores]
        )


@dataclass(frozen=True)
class Prediction:
    """The prediction for an image, the probabilities of the classes, and the network's input."""

    label: int | str  # the name of a class; the number if all names are numbers
    probabilities: Array
    image: npt.NDArray[np.uint8]
    steps: str  # the steps of its normalization
    highest: int  # the largest value of a pixel; 0 for a row of a table
    classes: tuple[str, ...]  # the names of the probabilities

    def _repr_html_(self) -> str:
        from zoo.data.dataset import describe_row
        from zoo.data.images.png import png

        shares = zip(self.classes, self.probabilities.tolist(), strict=True)
        best = sorted(shares, key=lambda pair: -pair[1])[:3]
        if self.highest:
            shown = html.image(png(self.image, highest=self.highest), alt="The input", side=112)
        else:
            shown = html.key_values([("row", describe_row(self.image))])
        return shown + html.key_values((name, percent(share, 1)) for name, share in best)


@dataclass(frozen=True)
class Epoch:
    """The state of a training after an epoch, or after each 50 iterations."""

    number: int
    rate: float
    loss: float
    accuracy: float  # on the training split, during the epoch
    held_out: float | None  # the accuracy on the validation split, or else on the test split


class Training:
    """A training. Iterate over its epochs; a second iteration continues where the first stopped."""

    def __init__(self, entry: Entry, data: Data | None) -> None:
        from zoo.training.prepare import prepare

        self.entry, self._data = _with_data(entry, data)
        self._prepared = prepare(self.entry, self._data)
        self.entry = self._prepared.entry  # with what it learned from the rows
        self.epochs: list[Epoch] = []

    def __iter__(self) -> Iterator[Epoch]:
        from zoo.parallel.threads import one_thread

        training = self._prepared.training
        steps = iter(training)
        while not training.is_over:
            with one_thread():
                report = next((step for step in steps if step), None)
            if report is None:
                return
            by_iteration = self.entry.train.unit == "iteration"
            each = 1 if by_iteration else training.batches.steps_per_epoch
            number = -(-report.step // each)
            held_out = report.held_out.accuracy if report.held_out else None
            epoch = Epoch(number, report.rate, report.loss, report.accuracy, held_out)
            self.epochs.append(epoch)
            yield epoch

    @cached_property
    def model(self) -> Model:
        """The trained model; reading it completes the training."""
        from zoo.parallel.threads import one_thread
        from zoo.training import model, weights

        for _ in self:
            pass
        prepared = self._prepared
        with one_thread(), prepared.training.final_weights():
            scores = {
                name: prepared.training.evaluate(subset)
                for name, subset in prepared.subsets.items()
            }
            metadata = weights.WeightsMetadata.of(
                prepared.network, self.entry, data=self._data.digest, scores=scores
            )
            content = weights.serialize(prepared.network, metadata)
            network, metadata = weights.deserialize(content, where="the model")
        return Model(model.Model(self.entry.name, network, metadata))

    def __repr__(self) -> str:
        completed = self.epochs[-1].number if self.epochs else 0
        train = self.entry.train
        return f"<zoo.Training {self.entry.name}: {completed} of {train.length} {train.unit}s>"

    def _repr_html_(self) -> str:
        rows = [
            (
                f"{self.entry.train.unit} {epoch.number:,}",
                f"loss {epoch.loss:.4f}, training {percent(epoch.accuracy, 2)}"
                + ("" if epoch.held_out is None else f", held out {percent(epoch.held_out, 2)}"),
            )
            for epoch in self.epochs[-SHOWN_EPOCHS:]
        ]
        return html.key_values([(self.entry.name, self.entry.architecture), *rows])


def _with_data(entry: Entry, data: Data | None) -> tuple[Entry, Dataset]:
    """Return the entry for the data, and the dataset."""
    from zoo.data.own import frames

    if isinstance(data, tuple):  # the original's claim does not apply to it
        entry = entry.model_copy(update={"claim": None, "origin": None})
    if isinstance(entry.data, CsvData) and isinstance(data, tuple):
        return frames.with_frame(entry, entry.data, frames.frame_of(*data, entry.data))
    if not frames.is_frame(data):
        return entry, dataset_of(entry, data)
    if isinstance(entry.data, CsvData):
        return frames.with_frame(entry, entry.data, data)
    raise DataError(
        f"{entry.name} does not name columns, so a DataFrame has no label for it.",
        hint="Call zoo.train(entry, data=(rows, labels)), or train an entry with "
        '[data] kind = "csv".',
    )


def dataset_of(entry: Entry, data: Data | None) -> Dataset:
    """Return a dataset: the entry's own data, from a folder if given, or rows and labels."""
    from zoo.data.dataset import Dataset
    from zoo.data.from_arrays import dataset_from_rows, unmasked
    from zoo.data.load import load as load_dataset
    from zoo.data.locations import locations_from_environment

    if isinstance(data, Dataset):
        return data
    if isinstance(data, list) or (isinstance(data, tuple) and len(data) != 2):
        raise DataError(
            f"Invalid data: expected a folder or a tuple of images and labels, got a "
            f"{type(data).__name__} of {len(data)}."
        )
    if isinstance(data, str | Path | None):
        folder = None if data is None else Path(data)
        return load_dataset(entry.data, locations_from_environment(folder))
    return dataset_from_rows(entry.data.source, unmasked(data[0]), unmasked(data[1]))
