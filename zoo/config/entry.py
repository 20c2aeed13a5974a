"""The schema of an entry.

It does not import NumPy, so that `zoo list`, `zoo show` and `zoo check` stay fast. Each default is
the plainest choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from zoo import html
from zoo.config.augmentation import AugmentationConfig
from zoo.config.base import (
    AsTuple,
    ConfigModel,
    Count,
    Positive,
    Share,
    Strength,
)
from zoo.config.datasets import Data
from zoo.config.issues import InconsistentEntryError, Issue
from zoo.config.layers import (
    BatchNorm,
    Biases,
    Dense,
    LayerConfig,
    PluginLayer,
    Relu,
    Weights,
    Zeros,
)
from zoo.config.optimization import (
    ConstantSchedule,
    CosineSchedule,
    CrossEntropy,
    LossConfig,
    OptimizerConfig,
    PluginSchedule,
    ScheduleConfig,
    Sgd,
)
from zoo.config.own_data import FileData
from zoo.config.preprocess import Preprocess
from zoo.formatting import percent
from zoo.system.names import is_reserved

Raw = dict[str, Any]
FORMAT = 1
VALIDATION_SHARE = 6  # one of 6 training images becomes a validation image

# the greatest lengths of lists, far above those of any entry
MAX_HIDDEN = 1000
MAX_KINDS = 20  # layers of a block or before it, augmentations
MAX_KEYS = 100  # more than an entry has


class Origin(ConfigModel):
    """The public README that the entry reproduces."""

    title: str
    author: str = "not named"
    url: str | None = None
    licence: str
    # the keys whose values the original states; all others are our choice
    stated: Annotated[tuple[str, ...], Field(max_length=MAX_KEYS), AsTuple] = ()


SplitName = Literal["train", "validation", "test"]
Verdict = Literal["reproduced", "beaten", "missed"]


class Claim(ConfigModel):
    """The accuracy that the original claims, and the split on which it is measured."""

    value: Share
    split: SplitName
    tolerance: Share
    quote: str = ""  # of the original

    def verdict(self, accuracy: float) -> Verdict:
        """Compare an accuracy on the claim's split, or a mean accuracy, with the claim."""
        if accuracy > self.value + self.tolerance:
            return "beaten"
        return "missed" if accuracy < self.value - self.tolerance else "reproduced"


@dataclass(frozen=True)
class LayerSpec:
    """A layer of a network, with its widths and its number of parameters."""

    layer: LayerConfig
    inputs: int
    outputs: int
    parameters: int


LayerList = Annotated[tuple[LayerConfig, ...], Field(max_length=MAX_KINDS), AsTuple]


class NetworkConfig(ConfigModel):
    """A fully connected network: `input`, a `block` for each width in `hidden`, and the output."""

    hidden: Annotated[tuple[Count, ...], Field(max_length=MAX_HIDDEN), AsTuple]
    block: LayerList = (Dense(kind="dense"), Relu(kind="relu"))
    input: LayerList = ()

    @field_validator("block")
    @classmethod
    def _has_one_dense(cls, block: tuple[LayerConfig, ...]) -> tuple[LayerConfig, ...]:
        if sum(isinstance(layer, Dense) for layer in block) != 1:
            msg = "expected exactly one dense layer in the block"
            raise ValueError(msg)
        return block

    @field_validator("input")
    @classmethod
    def _has_no_dense(cls, layers: tuple[LayerConfig, ...]) -> tuple[LayerConfig, ...]:
        if any(isinstance(layer, Dense) for layer in layers):
            msg = "dense layers belong in the block"
            raise ValueError(msg)
        return layers

    def layers(self, features: int, classes: int) -> Iterator[LayerSpec]:
        """Yield every layer in order, from the pixels to the classes."""
        width = features
        stages = [(layer, 0) for layer in self.input]
        stages += [(layer, units) for units in self.hidden for layer in self.block]
        for layer, units in [*stages, (Dense(kind="dense"), classes)]:
            if isinstance(layer, Dense):
                yield LayerSpec(layer, width, units, (width + 1) * units)
                width = units
            else:
                parameters = 2 * width if isinstance(layer, BatchNorm) else 0
                yield LayerSpec(layer, width, width, parameters)


class TrainConfig(ConfigModel):
    """The recipe of a training; its length is a number of epochs or of iterations (steps)."""

    epochs: Count | None = None
    iterations: Annotated[Count | None, Field(validate_default=True)] = None
    batch: Count | None = None  # None: the full training split
    rate: Positive
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    loss: LossConfig = CrossEntropy(kind="cross_entropy")
    optimizer: OptimizerConfig = Sgd(kind="sgd")
    schedule: ScheduleConfig = ConstantSchedule(kind="constant")
    weights: Weights
    biases: Biases = Zeros(kind="zeros")
    l2: Strength = 0.0
    label_smoothing: Share = 0.0
    clip: Strength = 0.0  # the maximum norm of the gradient; 0: no clipping
    average: Share = 0.0  # the decay of the moving average of the weights; 0: no average
    patience: Count | None = None  # reports without a better validation accuracy before it stops
    augment: Annotated[tuple[AugmentationConfig, ...], Field(max_length=MAX_KINDS), AsTuple] = ()
    together: Count = 128  # images that share the random numbers of an augmentation

    @field_validator("iterations")
    @classmethod
    def _one_length(cls, iterations: int | None, info: ValidationInfo) -> int | None:
        epochs = info.data.get("epochs", iterations is None)  # an invalid one has an issue already
        if (epochs is None) == (iterations is None):
            given = "neither" if iterations is None else "both"
            msg = f"expected either epochs or iterations, got {given}"
            raise ValueError(msg)
        return iterations

    @property
    def length(self) -> int:
        """The number of epochs or of iterations."""
        return self.epochs or self.iterations or 0

    def steps_per_epoch(self, rows: int) -> int:
        """Return the steps of an epoch; the last batch may be smaller."""
        return -(-rows // (self.batch or rows))

    def steps(self, rows: int) -> int:
        """Return the steps of the training."""
        return self.iterations or self.length * self.steps_per_epoch(rows)

    @property
    def schedule_depends_on_length(self) -> bool:
        """Whether the rate of a step depends on the number of steps."""
        needs_length = isinstance(self.schedule, CosineSchedule | PluginSchedule)
        return needs_length or bool(self.schedule.warm_up)

    @property
    def unit(self) -> Literal["epoch", "iteration"]:
        """The unit of the length."""
        return "epoch" if self.epochs else "iteration"


Name = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9]+([-_.][a-z0-9]+)*$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Results(ConfigModel):
    """The file of measured results of this entry: a CSV file in an installed package."""

    package: str
    file: FileName


class TrainedWeights(ConfigModel):
    """The file of trained weights of this entry: a safetensors file in an installed package."""

    package: str
    file: FileName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Entry(ConfigModel):
    """A model: all that is needed to train and evaluate it."""

    format: Literal[1] = 1  # increases with a change that breaks old entries
    name: Name
    summary: str
    variant_of: Name | None = None  # the entry whose architecture it has
    origin: Origin | None = None
    claim: Claim | None = None
    data: Data
    preprocess: Preprocess
    network: NetworkConfig
    train: TrainConfig
    results: Results | None = None
    weights: TrainedWeights | None = None

    @field_validator("name")
    @classmethod
    def _is_allowed_everywhere(cls, name: str) -> str:
        if is_reserved(name):
            msg = f"expected a name that Windows allows for a file, got {name!r}"
            raise ValueError(msg)
        return name

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if issues := list(self._inconsistencies()):
            raise InconsistentEntryError(issues)
        return self

    def _inconsistencies(self) -> Iterator[Issue]:
        if self.data.is_complete:
            yield from self._misfits()
        if self.train.augment and not self.data.source.has_images:
            yield Issue(("train", "augment"), "expected images to augment, got a table.")
        if self.train.patience and "validation" not in self.splits:
            message = "it needs a validation split, and data.split.validation is 0."
            yield Issue(("train", "patience"), message)
        if self.claim and self.claim.split not in self.splits:
            message = f"the data does not have a {self.claim.split} split."
            yield Issue(("claim", "split"), message)
        tables = self.model_dump()
        for index, key in enumerate(self.origin.stated if self.origin else ()):
            if not _has_key(tables, key):
                message = f"{key!r} is not a key of this entry."
                yield Issue(("origin", "stated", index), message)

    def _misfits(self) -> Iterator[Issue]:
        """Yield what does not fit the facts about the data."""
        rows, columns = self.data.train_rows, self.preprocess.columns
        if self.train.batch and self.train.batch > rows:
            message = f"expected at most the {rows:,} rows to train on, got {self.train.batch:,}."
            yield Issue(("train", "batch"), message)
        if columns not in {None, self.data.features}:
            message = f"expected a number, or one for each of {self.data.features:,} columns."
            yield Issue(("preprocess", "mean"), message)

    @property
    def splits(self) -> tuple[SplitName, ...]:
        """The names of the splits of the data."""
        data = self.data
        has_rows: dict[SplitName, bool] = {
            "train": True,
            "validation": bool(data.split.validation),
            "test": data.has_test,
        }
        return tuple(name for name, has_any in has_rows.items() if has_any)

    @property
    def evaluation_split(self) -> SplitName:
        """The split to report: the claim's, or else the last of the splits."""
        return self.claim.split if self.claim else self.splits[-1]

    @property
    def selection_split(self) -> SplitName:
        """The split on which one of several seeds is selected; never the test split."""
        return "validation" if "validation" in self.splits else "train"

    @property
    def layers(self) -> tuple[LayerSpec, ...]:
        """All layers, from the input to the output."""
        return tuple(self.network.layers(self.data.features, self.data.source.classes))

    @property
    def parameters(self) -> int:
        """The number of parameters, without those of plugin layers."""
        return sum(spec.parameters for spec in self.layers)

    @property
    def parameters_text(self) -> str:
        """The number of parameters, with a + if plugin layers may have more."""
        more = any(
            isinstance(spec.layer, PluginLayer) and spec.layer.has_parameters
            for spec in self.layers
        )
        return f"{self.parameters:,}{'+' if more else ''}" if self.data.is_complete else "?"

    @property
    def architecture(self) -> str:
        """The widths from the input to the classes, such as 784-128-10."""
        ends = self.data.features, self.data.source.classes
        first, last = (number or "?" for number in ends)  # 0: found in the files when it is used
        return "-".join(map(str, (first, *self.network.hidden, last)))

    @property
    def without_results(self) -> Self:
        """This entry without its measured results and trained weights."""
        return self.model_copy(update={"results": None, "weights": None})

    @property
    def without_folders(self) -> Self:
        """This entry with only the names of the user's files, for files that are shared."""
        data = self.data
        if isinstance(data, FileData):
            paths = {key: getattr(data, key) for key in data.paths}
            names = {key: PurePath(path).name for key, path in paths.items() if path}
            data = data.model_copy(update=names)
        return self.model_copy(update={"data": data})

    @property
    def without_learned(self) -> Self:
        """This entry without what a training learns from its rows: means and deviations."""
        data = self.data
        if isinstance(data, FileData):
            data = data.model_copy(update=dict.fromkeys(data.learned, ()))
        return self.model_copy(update={"data": data, "preprocess": self.preprocess.without_learned})

    def validation_changes(self) -> list[tuple[str, object]]:
        """Return the changes that add a validation split, if the entry has none.

        Selections are made on this split, never on the test split.
        """
        if "validation" in self.splits:
            return []
        return [("data.split.validation", max(1, self.data.train_rows // VALIDATION_SHARE))]

    def differences(self, other: Self) -> dict[str, Any]:
        """Return the keys of the recipe that differ in another entry, with this entry's values."""
        tables, others = (entry.without_learned.model_dump(mode="json") for entry in (self, other))
        changes = {}
        for section in ("data", "preprocess", "network", "train"):
            for key in others[section] | tables[section]:  # a default may have no key
                value = tables[section].get(key, getattr(getattr(self, section), key, None))
                if value != others[section].get(key) and (section, key) != ("train", "seed"):
                    changes[f"{section}.{key}"] = value
        return changes

    def _repr_html_(self) -> str:
        rows = [
            (self.name, self.architecture),
            ("", self.summary),
            ("data", self.data.source.title),
        ]
        length = f"{self.train.length:,} {self.train.unit}s, batch {self.train.batch or 'full'}"
        rows += [("parameters", f"{self.parameters:,}"), ("training", length)]
        if self.claim:
            rows.append(("claim", f"{percent(self.claim.value, 2)} on {self.claim.split}"))
        return html.key_values(rows)

    def is_stated(self, key: str) -> bool:
        """Whether the original states this key."""
        stated = self.origin.stated if self.origin else ()
        return any(key == name or key.startswith(f"{name}.") for name in stated)


def _has_key(table: Raw, path: str) -> bool:
    for part in path.split("."):
        if not isinstance(table, dict) or part not in table:
            return False
        table = table[part]
    return True
