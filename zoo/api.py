"""What `import zoo` gives: entries by name, trained models and trainings, in a line of Python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from zoo import html
from zoo.config.catalog import find, read_catalog
from zoo.config.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import numpy.typing as npt

    from zoo.config.entry import SplitName
    from zoo.data.dataset import Dataset
    from zoo.nn.metrics import Score
    from zoo.training import model

    Array = npt.NDArray[np.float32]
    Labels = npt.NDArray[np.intp]
    Pictures = npt.ArrayLike
    Data = Dataset | str | Path | tuple[Pictures, npt.ArrayLike]

SHOWN = 12  # epochs in a notebook, the last ones


def names() -> list[str]:
    """Return the names of all entries, ours and those of packages and folders.

    >>> names()[:2]
    ['digits-10', 'digits-10-best']
    """
    return list(read_catalog().entries)


def entry(name: str | Path, **changes: object) -> Entry:
    """Return the entry of a name or in a TOML file; `train__rate=0.1` changes a key.

    >>> entry("mnist-128").parameters
    101770
    >>> entry("mnist-128", network__hidden=[64]).architecture
    '784-64-10'
    """
    return find(name).with_changes(_assignments(changes))


def load(name: str | Path) -> Model:
    """Return a trained model: of an entry's name, of a run's folder, or in a .safetensors.

    >>> model = load("digits-10")
    >>> model.name, len(model.layers)
    ('digits-10', 3)
    """
    from zoo.inference.load import find_model

    return Model(find_model(str(name), runs=Path(os.environ.get("ZOO_RUNS", "runs"))))


def train(
    what: str | Path | Entry,
    *,
    data: Data | None = None,
    seed: int | None = None,
    **changes: object,
) -> Training:
    """Return a training that has not begun: iterate over its epochs, or ask for its `model`.

    `data` is a folder, or pictures with their labels, instead of the entry's own.

    >>> train("digits-10", seed=0, train__iterations=100).model.scores["test"].n
    360
    >>> for epoch in train("digits-10", train__iterations=100):
    ...     print(epoch.number, f"{epoch.loss:.2f}")
    50 2.30
    100 2.29
    """
    chosen = what if isinstance(what, Entry) else entry(what)
    if seed is not None:
        changes["train__seed"] = seed
    if changes:
        from zoo.config import entry as config

        raw = chosen.model_dump(mode="json", exclude_none=True)
        raw = config.override(raw, _assignments(changes))
        chosen = config.check(raw, where=f"{chosen.name}, changed")
    return Training(chosen, data)


def _assignments(changes: Mapping[str, object]) -> list[tuple[str, object]]:
    return [(key.replace("__", "."), value) for key, value in changes.items()]


@dataclass(frozen=True)
class LayerInfo:
    """A layer as its network holds it: its kind, its widths, and what it has learned by name."""

    kind: str
    inputs: int
    outputs: int
    arrays: dict[str, Array]


class Model:
    """A trained network that answers for pictures: rows of pixels, or (n, height, width).

    Pixels are whole numbers as the data has them (MNIST's go to 255), or shares from 0 to 1.
    """

    def __init__(self, found: model.Model) -> None:
        self.found = found  # the library's own, which exports and evaluations take

    @property
    def name(self) -> str:
        """What it was loaded as."""
        return self.found.name

    @property
    def entry(self) -> Entry:
        """The entry as it was trained."""
        return self.found.entry

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their numbers."""
        return self.found.source.names

    @property
    def scores(self) -> Mapping[SplitName, Score]:
        """Accuracy and loss on every split, as they were when it had been trained."""
        return self.found.facts.scores

    @cached_property
    def layers(self) -> tuple[LayerInfo, ...]:
        """Every layer from the pixels to the classes, with copies of its arrays."""
        return tuple(
            LayerInfo(
                placed.layer.kind,
                placed.inputs,
                placed.outputs,
                {name: array.copy() for name, array in layer.named_arrays().items()},
            )
            for placed, layer in zip(self.entry.layers, self.found.network.layers, strict=True)
        )

    def predict_proba(self, pictures: Pictures) -> Array:
        """Return a probability for every picture and class."""
        import numpy as np

        from zoo.data.from_arrays import values
        from zoo.nn.losses import softmax
        from zoo.parallel.threads import one_thread

        with one_thread():
            return softmax(self.found.logits(values(np.asarray(pictures), self.found.source)))

    def predict(self, pictures: Pictures) -> Labels:
        """Return the most probable class of every picture."""
        labels: Labels = self.predict_proba(pictures).argmax(axis=1)
        return labels

    def read(self, picture: str | Path) -> Prediction:
        """Return what a picture in a file is taken for, brought to the form of the data first."""
        from zoo.inference import inputs
        from zoo.inference import predict as answering
        from zoo.parallel.threads import one_thread

        source = self.found.source
        wanted = inputs.InputSpec(source, None, Path())
        with one_thread():
            found = answering.predict(self.found, inputs.read_file(Path(picture), wanted), batch=1)
            one = next(found)
        if isinstance(one, inputs.Unreadable):
            raise one.error
        image = one.input.image.reshape(source.shape)
        return Prediction(one.label, one.probabilities, image, one.input.steps, source.highest)

    def __repr__(self) -> str:
        return f"<zoo.Model {self.name} {self.entry.architecture}>"

    def _repr_html_(self) -> str:
        scores = [
            (f"accuracy on {name}", f"{score.accuracy:.2%} of {score.n:,}")
            for name, score in self.scores.items()
        ]
        return html.words([(self.name, self.entry.architecture), ("", self.entry.summary), *scores])


@dataclass(frozen=True)
class Prediction:
    """What a picture was taken for, how probable each class is, and what the network saw."""

    label: int
    probabilities: Array
    image: npt.NDArray[np.uint8]
    steps: str  # what was done to bring it to the form of the data
    highest: int  # that a pixel of `image` can be; 0 for a row of a table

    def _repr_html_(self) -> str:
        from zoo.data.dataset import describe_row
        from zoo.data.images.png import png

        best = sorted(enumerate(self.probabilities.tolist()), key=lambda pair: -pair[1])[:3]
        if self.highest:
            seen = html.picture(png(self.image, highest=self.highest), alt="What it saw", side=112)
        else:
            seen = html.words([("row", describe_row(self.image))])
        return seen + html.words((str(label), f"{share:.1%}") for label, share in best)


@dataclass(frozen=True)
class Epoch:
    """How far a training is: after an epoch, or every 50 iterations of one that counts these."""

    number: int
    rate: float
    loss: float
    accuracy: float  # on the training pictures, in passing
    held_out: float | None  # on the validation split, or else the test split


class Training:
    """A training: iterate over its epochs; it goes on where it stopped."""

    def __init__(self, entry: Entry, data: Data | None) -> None:
        from zoo.training.loop import prepare

        own = isinstance(data, tuple)  # of which no README speaks
        self.entry = entry.model_copy(update={"claim": None, "origin": None}) if own else entry
        self._data = dataset_of(entry, data)
        self._work = prepare(self.entry, self._data)
        self.epochs: list[Epoch] = []

    def __iter__(self) -> Iterator[Epoch]:
        from zoo.parallel.threads import one_thread

        training = self._work.training
        steps = iter(training)
        while not training.is_over:
            with one_thread():
                report = next((one for one in steps if one), None)
            if report is None:
                return
            counts = self.entry.train.unit == "iteration"
            number = report.step if counts else -(-report.step // training.steps_per_epoch)
            held_out = report.held_out.accuracy if report.held_out else None
            epoch = Epoch(number, report.rate, report.loss, report.accuracy, held_out)
            self.epochs.append(epoch)
            yield epoch

    @cached_property
    def model(self) -> Model:
        """The trained model; what is left of the training is done first."""
        from zoo.parallel.threads import one_thread
        from zoo.training import model, weights

        for _ in self:
            pass
        work = self._work
        with one_thread(), work.training.final_weights():
            scores = {name: work.training.evaluate(part) for name, part in work.subsets.items()}
            facts = weights.WeightsMetadata.of(
                work.network, self.entry, data=self._data.digest, scores=scores
            )
            network, facts = weights.deserialize(weights.serialize(work.network, facts), where="it")
        return Model(model.Model(self.entry.name, network, facts))

    def __repr__(self) -> str:
        done = self.epochs[-1].number if self.epochs else 0
        train = self.entry.train
        return f"<zoo.Training {self.entry.name}: {done} of {train.length} {train.unit}s>"

    def _repr_html_(self) -> str:
        rows = [
            (
                f"{self.entry.train.unit} {one.number:,}",
                f"loss {one.loss:.4f}, training {one.accuracy:.2%}"
                + ("" if one.held_out is None else f", held out {one.held_out:.2%}"),
            )
            for one in self.epochs[-SHOWN:]
        ]
        return html.words([(self.entry.name, self.entry.architecture), *rows])


def dataset_of(entry: Entry, data: Data | None) -> Dataset:
    """Return the entry's data, from where it is said to be, or made of rows and labels."""
    import numpy as np

    from zoo.data.dataset import Dataset
    from zoo.data.from_arrays import dataset_from_rows
    from zoo.data.load import load as load_dataset
    from zoo.data.locations import locations_from_environment

    if isinstance(data, Dataset):
        return data
    if not isinstance(data, tuple):
        given = None if data is None else Path(data)
        return load_dataset(entry.data, locations_from_environment(given))
    return dataset_from_rows(entry.data.source, np.asarray(data[0]), np.asarray(data[1]))
