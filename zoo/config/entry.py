"""What an entry is: the schema of its TOML, checked whole before anything runs.

No NumPy here: listing, showing and checking entries must stay quick. The defaults are the plainest
choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from zoo import html
from zoo.config import issues as faults
from zoo.config.augmentation import AugmentationConfig
from zoo.config.base import (
    AsTuple,
    ConfigModel,
    Count,
    Positive,
    Share,
    Strength,
    Width,
)
from zoo.config.datasets import Data
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

Raw = dict[str, Any]
FORMAT = 1
VALIDATION_SHARE = 6  # one of 6 training images becomes a validation image


class Origin(ConfigModel):
    """The README that the entry reproduces."""

    title: str
    author: str = "not named"
    url: str | None = None
    licence: str
    # the keys whose values the README gives; the rest is ours
    stated: Annotated[tuple[str, ...], AsTuple] = ()


SplitName = Literal["train", "validation", "test"]
Verdict = Literal["reproduced", "beaten", "missed"]


class Claim(ConfigModel):
    """The accuracy that the README promises, and the split it speaks of."""

    value: Share
    split: SplitName
    tolerance: Share
    quote: str

    def verdict(self, accuracy: float) -> Verdict:
        """Judge an accuracy on the claim's own split, or the mean of several."""
        if accuracy > self.value + self.tolerance:
            return "beaten"
        return "missed" if accuracy < self.value - self.tolerance else "reproduced"


Mean = Annotated[float, Field(ge=-1e6, le=1e6)]
Numbers = float | tuple[float, ...]


class Preprocess(ConfigModel):
    """A value becomes (value / divide - mean) / std; each column may have a mean and a std."""

    divide: Width
    mean: Mean | Annotated[tuple[Mean, ...], AsTuple] = 0.0
    std: Width | Annotated[tuple[Width, ...], AsTuple] = 1.0

    @property
    def scale(self) -> Numbers:
        """The factor in scale * value + shift."""
        if isinstance(self.std, tuple):
            return tuple(1 / (self.divide * std) for std in self.std)
        return 1 / (self.divide * self.std)

    @property
    def shift(self) -> Numbers:
        """The addend in scale * value + shift."""
        if isinstance(self.mean, tuple) and isinstance(self.std, tuple):
            return tuple(-mean / std for mean, std in zip(self.mean, self.std, strict=True))
        assert not isinstance(self.mean, tuple)  # noqa: S101 - as `_alike` has seen
        assert not isinstance(self.std, tuple)  # noqa: S101
        return -self.mean / self.std

    @property
    def columns(self) -> int | None:
        """For how many columns it speaks one by one; nothing, if it treats all alike."""
        return len(self.mean) if isinstance(self.mean, tuple) else None

    @model_validator(mode="after")
    def _alike(self) -> Self:
        if isinstance(self.mean, tuple) != isinstance(self.std, tuple) or (
            isinstance(self.mean, tuple)
            and isinstance(self.std, tuple)
            and len(self.mean) != len(self.std)
        ):
            msg = "mean and std are both numbers, or both lists of one length"
            raise ValueError(msg)
        return self


@dataclass(frozen=True)
class LayerSpec:
    """A layer in its place: what it is, how wide it is, what it learns."""

    layer: LayerConfig
    inputs: int
    outputs: int
    parameters: int


class NetworkConfig(ConfigModel):
    """Fully connected: `input` once, then `block` for every width in `hidden`, then the classes."""

    hidden: Annotated[tuple[Count, ...], AsTuple]
    block: Annotated[tuple[LayerConfig, ...], AsTuple] = (Dense(kind="dense"), Relu(kind="relu"))
    input: Annotated[tuple[LayerConfig, ...], AsTuple] = ()

    @field_validator("block")
    @classmethod
    def _one_dense(cls, block: tuple[LayerConfig, ...]) -> tuple[LayerConfig, ...]:
        if sum(isinstance(layer, Dense) for layer in block) != 1:
            msg = "a block has exactly one dense layer"
            raise ValueError(msg)
        return block

    @field_validator("input")
    @classmethod
    def _no_dense(cls, layers: tuple[LayerConfig, ...]) -> tuple[LayerConfig, ...]:
        if any(isinstance(layer, Dense) for layer in layers):
            msg = "dense layers belong into the block"
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
                learned = 2 * width if isinstance(layer, BatchNorm) else 0
                yield LayerSpec(layer, width, width, learned)


class TrainConfig(ConfigModel):
    """The recipe. Length is counted in epochs or in iterations, which are steps."""

    epochs: Count | None = None
    iterations: Annotated[Count | None, Field(validate_default=True)] = None
    batch: Count | None = None  # none: the whole training split at once
    rate: Positive
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    loss: LossConfig = CrossEntropy(kind="cross_entropy")
    optimizer: OptimizerConfig = Sgd(kind="sgd")
    schedule: ScheduleConfig = ConstantSchedule(kind="constant")
    weights: Weights
    biases: Biases = Zeros(kind="zeros")
    l2: Strength = 0.0
    label_smoothing: Share = 0.0
    clip: Strength = 0.0  # the longest that a gradient may be; 0: as long as it is
    average: Share = 0.0  # of the averaged weights, what stays at every step; 0: no average
    patience: Count | None = None  # reports without a better validation accuracy before the end
    augment: Annotated[tuple[AugmentationConfig, ...], AsTuple] = ()
    together: Count = 128  # pictures that share what augmentation draws

    @field_validator("iterations")
    @classmethod
    def _one_length(cls, iterations: int | None, info: ValidationInfo) -> int | None:
        epochs = info.data.get("epochs", iterations is None)  # a faulty one is named already
        if (epochs is None) == (iterations is None):
            msg = "give either epochs or iterations"
            raise ValueError(msg)
        return iterations

    @property
    def length(self) -> int:
        """The number of epochs or iterations, whichever the entry counts."""
        return self.epochs or self.iterations or 0

    def steps_per_epoch(self, rows: int) -> int:
        """The steps of a pass over so many rows; the last may be a smaller one."""
        return -(-rows // (self.batch or rows))

    def steps(self, rows: int) -> int:
        """The steps of the whole training on so many rows."""
        return self.iterations or self.length * self.steps_per_epoch(rows)

    @property
    def schedule_depends_on_length(self) -> bool:
        """Whether the rate of a step depends on how many there will be."""
        knowing = isinstance(self.schedule, CosineSchedule | PluginSchedule)
        return knowing or bool(self.schedule.warm_up)

    @property
    def unit(self) -> Literal["epoch", "iteration"]:
        """What the length is counted in."""
        return "epoch" if self.epochs else "iteration"


Name = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9]+([-_.][a-z0-9]+)*$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Results(ConfigModel):
    """Where the measured results of this entry stand: a csv file in an installed package."""

    package: str
    file: FileName


class TrainedWeights(ConfigModel):
    """Where weights of this entry lie: a safetensors file in an installed package."""

    package: str
    file: FileName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Entry(ConfigModel):
    """One model: everything that is needed to train it and to judge it."""

    format: Literal[1] = 1  # a change that old entries do not survive will count up
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

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if misfits := list(self._inconsistencies()):
            raise faults.InconsistentEntryError(misfits)
        return self

    def _inconsistencies(self) -> Iterator[faults.Issue]:
        rows = self.data.train_rows
        if self.train.batch and self.train.batch > rows:
            words = f"expected at most the {rows:,} rows to train on, got {self.train.batch:,}."
            yield faults.Issue(("train", "batch"), words)
        columns = self.preprocess.columns
        if columns not in {None, self.data.features}:
            words = f"expected a number, or one for each of {self.data.features:,} columns."
            yield faults.Issue(("preprocess", "mean"), words)
        if self.train.augment and not self.data.source.has_images:
            yield faults.Issue(("train", "augment"), "a table holds no pictures to bend.")
        if self.train.patience and "validation" not in self.splits:
            words = "it watches the validation split, and data.split.validation is 0."
            yield faults.Issue(("train", "patience"), words)
        if self.claim and self.claim.split not in self.splits:
            words = f"the data has no {self.claim.split} split."
            yield faults.Issue(("claim", "split"), words)
        tables = self.model_dump()
        for number, key in enumerate(self.origin.stated if self.origin else ()):
            if not _has_key(tables, key):
                words = f"{key!r} is no key of this entry."
                yield faults.Issue(("origin", "stated", number), words)

    @property
    def splits(self) -> tuple[SplitName, ...]:
        """The splits that there are."""
        data = self.data
        held_out: dict[SplitName, int] = {
            "train": 1,
            "validation": data.split.validation,
            "test": data.split.test or data.source.test,
        }
        return tuple(name for name, rows in held_out.items() if rows)

    @property
    def evaluation_split(self) -> SplitName:
        """The split that counts: the claim's, or else the last that there is."""
        return self.claim.split if self.claim else self.splits[-1]

    @property
    def selection_split(self) -> SplitName:
        """The split that one seed among several is chosen on; never the test split."""
        return "validation" if "validation" in self.splits else "train"

    @property
    def layers(self) -> tuple[LayerSpec, ...]:
        """Every layer in its place."""
        return tuple(self.network.layers(self.data.features, self.data.source.classes))

    @property
    def parameters(self) -> int:
        """How many numbers are learned, but for the layers of packages."""
        return sum(placed.parameters for placed in self.layers)

    @property
    def describe_parameters(self) -> str:
        """How many numbers are learned, with a + where layers of packages may have more."""
        more = any(
            isinstance(one.layer, PluginLayer) and one.layer.has_parameters for one in self.layers
        )
        return f"{self.parameters:,}{'+' if more else ''}"

    @property
    def architecture(self) -> str:
        """The widths from pixels to classes, such as 784-128-10."""
        return "-".join(
            map(str, (self.data.features, *self.network.hidden, self.data.source.classes))
        )

    @property
    def without_results(self) -> Self:
        """This entry without what was measured and trained of it: what a training starts from."""
        return self.model_copy(update={"results": None, "weights": None})

    def validation_changes(self) -> list[tuple[str, object]]:
        """Return the changes that add a validation split, if the entry has none.

        Choices are made on it, never on the test split.
        """
        if "validation" in self.splits:
            return []
        return [("data.split.validation", max(1, self.data.train_rows // VALIDATION_SHARE))]

    def differences(self, other: Self) -> dict[str, Any]:
        """Return the keys of the recipe whose values another entry has otherwise, with ours."""
        ours, theirs = self.model_dump(mode="json"), other.model_dump(mode="json")
        return {
            f"{section}.{key}": value
            for section in ("data", "preprocess", "network", "train")
            for key, value in ours[section].items()
            if value != theirs[section].get(key) and (section, key) != ("train", "seed")
        }

    def _repr_html_(self) -> str:
        rows = [
            (self.name, self.architecture),
            ("", self.summary),
            ("data", self.data.source.title),
        ]
        length = f"{self.train.length:,} {self.train.unit}s, batch {self.train.batch or 'whole'}"
        rows += [("parameters", f"{self.parameters:,}"), ("training", length)]
        if self.claim:
            rows.append(("claim", f"{self.claim.value:.2%} on {self.claim.split}"))
        return html.words(rows)

    def is_explicit(self, key: str) -> bool:
        """Whether the README gives the value of this key, so that it is not ours."""
        stated = self.origin.stated if self.origin else ()
        return any(key == known or key.startswith(f"{known}.") for known in stated)


def _has_key(table: Raw, path: str) -> bool:
    for part in path.split("."):
        if not isinstance(table, dict) or part not in table:
            return False
        table = table[part]
    return True
