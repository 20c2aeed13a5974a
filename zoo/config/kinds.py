"""The kinds that an entry may name: data sets, layers, optimizers, schedules, augmentations, ...

Each is a table of the TOML with its `kind` and its options; zoo.training.build turns it into what
does the work. Installed packages provide further ones, of which only the names are known before
their code is imported (zoo.config.plugin_call).
"""

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    TypeAdapter,
    model_validator,
)

from zoo.config import plugins
from zoo.config.dataset_info import SOURCES, Source


class ConfigModel(BaseModel):
    """A table of the TOML: unknown keys are errors, numbers are numbers, nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def expand_shorthand(value: object) -> object:
    """Let `kind = "x"` without options be written as "x"."""
    return {"kind": value} if isinstance(value, str) else value


def as_tuple(value: object) -> object:
    """Take a list of the TOML for what does not change later."""
    return tuple(value) if isinstance(value, list) else value


ExpandShorthand = BeforeValidator(expand_shorthand)
AsTuple = BeforeValidator(as_tuple)
Positive = Annotated[float, Field(gt=0)]
Width = Annotated[
    float, Field(ge=1e-6, le=1e6)
]  # of a distribution: far from what floats cannot hold
Strength = Annotated[float, Field(ge=0, le=1e6)]
Decay = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Size = Annotated[float, Field(gt=0, le=1000)]  # in pixels
Count = Annotated[int, Field(ge=1)]
Label = Annotated[
    str, Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]  # that a terminal may show


# --- kinds of others --------------------------------------------------------------------

BUILTIN_TAG, PLUGIN_TAG = "(ours)", "(theirs)"  # tags, and no key of any entry


class PluginKind(ConfigModel):
    """A kind that an installed package brings; its own code says which options it takes."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]
    plugin_types: ClassVar[tuple[str, ...]]  # before the dot of the names that packages give
    kind: str

    @classmethod
    def available(cls) -> list[str]:
        """Return the kinds that there are."""
        return list(plugins.kinds(*cls.plugin_types))

    @property
    def options(self) -> dict[str, JsonValue]:
        """What the entry says beside the kind."""
        return self.__pydantic_extra__


_builtin_kinds: dict[type[PluginKind], set[str]] = {}  # the kinds of ours that stand beside theirs


def name_problem(point: EntryPoint) -> str:
    """Return what is wrong with the name under which a package brings a kind; "" if nothing is."""
    sections = {sort: theirs for theirs in _builtin_kinds for sort in theirs.plugin_types}
    plugin_type, dot, kind = point.name.partition(".")
    if not dot or plugin_type not in sections:
        return f"{point.name!r} is not SORT.KIND, where a SORT is {', '.join(sections)}."
    plugin = sections[plugin_type]
    if kind in _builtin_kinds[plugin] or not plugins.is_first(point):
        return f"there is a kind named {kind!r} already."
    return ""


def builtin_or_plugin(builtin: Any, plugin: type[PluginKind]) -> Discriminator:
    """Tell by its kind whether a table is one of ours, which come first, or a package's."""
    own = {
        get_args(one.model_fields["kind"].annotation)[0] for one in get_args(builtin) or [builtin]
    }
    _builtin_kinds[plugin] = _builtin_kinds.get(plugin, set()) | own

    def choose(value: Any) -> str:
        if isinstance(value, ConfigModel):
            return PLUGIN_TAG if isinstance(value, PluginKind) else BUILTIN_TAG
        kind = value.get("kind") if isinstance(value, dict) else None
        foreign = isinstance(kind, str) and kind not in own and kind in plugin.available()
        return PLUGIN_TAG if foreign else BUILTIN_TAG

    return Discriminator(choose)


def plugin_kinds(
    section: ConfigModel, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], PluginKind]]:
    """Yield what packages bring to an entry or a part of it, with its place."""
    if isinstance(section, PluginKind):
        yield path, section
    for name in type(section).model_fields:
        value = getattr(section, name)
        several = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for number, one in several:
            if isinstance(one, ConfigModel):
                yield from plugin_kinds(one, (*path, name, *([] if number is None else [number])))


# --- data sets --------------------------------------------------------------------------


class Split(ConfigModel):
    """How many rows go where; drawn by a seed of its own, or anew by every run's seed."""

    train: Count | None = None
    validation: Annotated[int, Field(ge=0)] = 0
    test: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None


class DataConfig(ConfigModel):
    """Which rows, and how they are split."""

    split: Split = Split()

    @property
    def source(self) -> Source:
        """What is known of the rows."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What tells these rows from others: two entries with the same one read the same rows."""
        return self.source.name

    @property
    def features(self) -> int:
        """The numbers in a row: the pixels of a picture."""
        return self.source.shape[0] * self.source.shape[1]

    @property
    def train_rows(self) -> int:
        """The number of rows left for training."""
        return self.split.train or self.source.train - self.split.validation - self.split.test

    @model_validator(mode="after")
    def _splits_fit(self) -> Self:
        wanted = (self.split.train or 1) + self.split.validation + self.split.test
        if wanted > self.source.train:
            msg = f"the splits need {wanted:,} rows, and the data has {self.source.train:,}"
            raise ValueError(msg)
        if self.split.test and self.source.test:
            msg = "this data has a test split of its own, so split.test must stay 0"
            raise ValueError(msg)
        return self


class ImageData(DataConfig):
    """Pictures of digits; what is known of them stands in zoo.config.dataset_info."""

    kind: str

    @property
    def source(self) -> Source:
        """What is known of the pictures."""
        return SOURCES[self.kind]


class DigitsData(ImageData):
    """8 x 8 pictures with values 0 to 16, inside scikit-learn."""

    kind: Literal["digits"]


class MnistData(ImageData):
    """28 x 28 pictures with values 0 to 255."""

    kind: Literal["mnist"]


class KaggleData(ImageData):
    """MNIST in another order, as Kaggle hands it out."""

    kind: Literal["kaggle"]


class UserDescribedData(DataConfig):
    """Data that zoo knows nothing of but what the entry says."""

    classes: Count
    rows: Count
    labels: Annotated[tuple[Label, ...], AsTuple] = ()  # the names of the classes

    @model_validator(mode="after")
    def _every_class_has_a_name(self) -> Self:
        if len(set(self.labels)) not in {0, self.classes}:
            msg = f"{self.classes} classes have as many labels, each another"
            raise ValueError(msg)
        return self


class TableData(UserDescribedData):
    """Rows of numbers that are no pictures, handed over in Python."""

    kind: Literal["table"]
    columns: Count

    @property
    def source(self) -> Source:
        """What the entry says of the rows."""
        return Source(
            name=self.kind,
            title="a table",
            train=self.rows,
            test=0,
            shape=(1, self.columns),
            highest=0,
            classes=self.classes,
            licence="its owner's",
            remedy="zoo.train(entry, data=(rows, labels))",
            appearance=f"A row of {self.columns:,} numbers.",
            labels=self.labels,
        )


class PluginData(UserDescribedData, PluginKind):
    """Data that a package brings: rows of so many `columns`, or pictures of a `shape`."""

    plugin_types = ("data",)
    columns: Count | None = None
    shape: Annotated[tuple[Count, Count] | None, AsTuple] = None
    highest: Annotated[int, Field(ge=1, le=255)] | None = None  # value of a pixel
    test_rows: Annotated[int, Field(ge=0)] = 0  # that it keeps apart for the test
    title: str | None = None
    licence: str = "its owner's"

    @property
    def identity(self) -> str:
        """All that says which rows, and how they are numbered."""
        known = self.model_dump(mode="json", exclude={"split", "title", "licence"})
        return json.dumps(known, sort_keys=True)

    @property
    def source(self) -> Source:
        """What the entry says of it."""
        if self.shape:
            look = "A picture of {} x {} grey values from 0 to {}.".format(
                *self.shape, self.highest
            )
        else:
            look = f"A row of {self.columns or 0:,} numbers."
        return Source(
            name=self.kind,
            title=self.title or self.kind,
            train=self.rows,
            test=self.test_rows,
            shape=self.shape or (1, self.columns or 0),
            highest=self.highest or 0,
            classes=self.classes,
            licence=self.licence,
            remedy="install the package that brings it",
            appearance=look,
            labels=self.labels,
        )

    @model_validator(mode="after")
    def _columns_or_shape(self) -> Self:
        if (self.columns is None) != (self.shape is not None and self.highest is not None) or (
            (self.shape is None) != (self.highest is None)
        ):
            msg = "give either columns, or the shape of the pictures and the highest value"
            raise ValueError(msg)
        return self


BuiltinData = DigitsData | MnistData | KaggleData | TableData
Data = Annotated[
    Annotated[BuiltinData, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginData, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinData, PluginData),
    ExpandShorthand,
]


def data_config(kind: str) -> Data:
    """Return data of a kind with nothing said of it: all of it, unsplit."""
    return TypeAdapter[Data](Data).validate_python(kind)


# --- layers -----------------------------------------------------------------------------


class Dense(ConfigModel):
    """Every unit sees every input; its width is the one in `hidden`."""

    kind: Literal["dense"]


class Relu(ConfigModel):
    """max(z, 0)."""

    kind: Literal["relu"]


class LeakyRelu(ConfigModel):
    """max(z, leak z)."""

    kind: Literal["leaky_relu"]
    leak: Share = 0.01


class Sigmoid(ConfigModel):
    """1 / (1 + exp(-z))."""

    kind: Literal["sigmoid"]


class Tanh(ConfigModel):
    """tanh(z)."""

    kind: Literal["tanh"]


class Dropout(ConfigModel):
    """In training, drop a share of the values."""

    kind: Literal["dropout"]
    rate: Share


class BatchNorm(ConfigModel):
    """Bring every feature to mean 0 and variance 1 over the batch."""

    kind: Literal["batch_norm"]
    momentum: Share = 0.9


class PluginLayer(PluginKind):
    """A layer that a package brings: as many values go out as come in."""

    plugin_types = ("activation", "layer")

    @property
    def has_parameters(self) -> bool:
        """Whether it may have parameters, whose number its code alone knows."""
        return self.kind not in plugins.kinds("activation")


BuiltinLayer = Dense | Relu | LeakyRelu | Sigmoid | Tanh | Dropout | BatchNorm
LayerConfig = Annotated[
    Annotated[BuiltinLayer, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginLayer, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinLayer, PluginLayer),
    ExpandShorthand,
]


# --- losses -----------------------------------------------------------------------------


class CrossEntropy(ConfigModel):
    """-log of the right class's probability."""

    kind: Literal["cross_entropy"]


class PluginLoss(PluginKind):
    """A loss that a package brings."""

    plugin_types = ("loss",)


LossConfig = Annotated[
    Annotated[CrossEntropy, Tag(BUILTIN_TAG)] | Annotated[PluginLoss, Tag(PLUGIN_TAG)],
    builtin_or_plugin(CrossEntropy, PluginLoss),
    ExpandShorthand,
]


# --- optimizers -------------------------------------------------------------------------


class Sgd(ConfigModel):
    """Gradient descent, with momentum if it is not 0."""

    kind: Literal["sgd"]
    momentum: Share = 0.0
    nesterov: bool = False

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and not self.momentum:
            msg = "nesterov needs a momentum above 0"
            raise ValueError(msg)
        return self


class RmsProp(ConfigModel):
    """Steps divided by the gradient's recent size."""

    kind: Literal["rmsprop"]
    decay: Share = 0.9


class Adam(ConfigModel):
    """Momentum and RMSprop together."""

    kind: Literal["adam"]
    beta1: Share = 0.9
    beta2: Share = 0.999


class AdamW(ConfigModel):
    """Adam with weights that shrink by themselves."""

    kind: Literal["adamw"]
    decay: Strength
    beta1: Share = 0.9
    beta2: Share = 0.999


class PluginOptimizer(PluginKind):
    """An optimizer that a package brings."""

    plugin_types = ("optimizer",)


BuiltinOptimizer = Sgd | RmsProp | Adam | AdamW
OptimizerConfig = Annotated[
    Annotated[BuiltinOptimizer, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginOptimizer, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinOptimizer, PluginOptimizer),
    ExpandShorthand,
]


# --- schedules --------------------------------------------------------------------------


class ScheduleOptions(ConfigModel):
    """What all schedules share: a linear warm-up over a share of the whole training."""

    warm_up: Share = 0.0


class ConstantSchedule(ScheduleOptions):
    """Keep the rate."""

    kind: Literal["constant"]


class StepSchedule(ScheduleOptions):
    """Multiply the rate by a factor every so many epochs."""

    kind: Literal["step"]
    every: Count
    factor: Decay


class ExponentialSchedule(ScheduleOptions):
    """Multiply the rate by a factor over every epoch."""

    kind: Literal["exponential"]
    factor: Decay


class CosineSchedule(ScheduleOptions):
    """Fall to 0 along half a cosine."""

    kind: Literal["cosine"]


class PluginSchedule(ScheduleOptions, PluginKind):
    """A schedule that a package brings."""

    plugin_types = ("schedule",)


BuiltinSchedule = ConstantSchedule | StepSchedule | ExponentialSchedule | CosineSchedule
ScheduleConfig = Annotated[
    Annotated[BuiltinSchedule, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginSchedule, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinSchedule, PluginSchedule),
    ExpandShorthand,
]


# --- initializers -----------------------------------------------------------------------


class Zeros(ConfigModel):
    """Nothing but zeros."""

    kind: Literal["zeros"]


class Uniform(ConfigModel):
    """Evenly from [low, high)."""

    kind: Literal["uniform"]
    low: Annotated[float, Field(ge=-1e6, le=1e6)]
    high: Annotated[float, Field(ge=-1e6, le=1e6)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low >= self.high:
            msg = "low must be below high"
            raise ValueError(msg)
        return self


class Normal(ConfigModel):
    """From the normal distribution around 0."""

    kind: Literal["normal"]
    std: Width


class He(ConfigModel):
    """Normal with variance 2 / inputs."""

    kind: Literal["he"]


class Glorot(ConfigModel):
    """Uniform with variance 2 / (inputs + units)."""

    kind: Literal["glorot"]


class PluginInitializer(PluginKind):
    """An initializer that a package brings."""

    plugin_types = ("initializer",)


BuiltinWeights = Zeros | Uniform | Normal | He | Glorot
Weights = Annotated[
    Annotated[BuiltinWeights, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginInitializer, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinWeights, PluginInitializer),
    ExpandShorthand,
]
BuiltinBiases = Zeros | Uniform | Normal
Biases = Annotated[
    Annotated[BuiltinBiases, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginInitializer, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinWeights, PluginInitializer),  # `he` is ours, and not for biases
    ExpandShorthand,
]


# --- augmentations ----------------------------------------------------------------------


class Shift(ConfigModel):
    """Move a picture by up to so many pixels in each direction."""

    kind: Literal["shift"]
    pixels: Size


class Rotate(ConfigModel):
    """Turn a picture about its middle by up to so many degrees."""

    kind: Literal["rotate"]
    degrees: Annotated[float, Field(gt=0, le=180)]


class Scale(ConfigModel):
    """Make a picture smaller or larger by up to this share, in height and width apart."""

    kind: Literal["scale"]
    share: Fraction


class Shear(ConfigModel):
    """Slant a picture: a row moves sideways by up to this share of its height."""

    kind: Literal["shear"]
    share: Size


class Elastic(ConfigModel):
    """Ripple a picture: noise within +-alpha, smoothed by a Gaussian of sigma pixels."""

    kind: Literal["elastic"]
    alpha: Size
    sigma: Annotated[float, Field(ge=0.1, le=100)]


class Stroke(ConfigModel):
    """Draw bolder or finer by up to this share of a pixel on each side."""

    kind: Literal["stroke"]
    share: Annotated[float, Field(gt=0, le=1)]


WarpConfig = Shift | Rotate | Scale | Shear | Elastic
BuiltinAugmentation = WarpConfig | Stroke


class PluginAugmentation(PluginKind):
    """A warp or an ink that a package brings."""

    plugin_types = ("warp", "intensity")


AugmentationConfig = Annotated[
    Annotated[BuiltinAugmentation, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginAugmentation, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinAugmentation, PluginAugmentation),
    ExpandShorthand,
]
