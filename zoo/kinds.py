"""The kinds that an entry may name: data sets, layers, optimizers, schedules, augmentations, ...

Each is a table of the TOML with its `kind` and its options, as the schema sees it; zoo.build turns
it into what does the work.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from zoo.data.sources import SOURCES, Source


class Section(BaseModel):
    """A table of the TOML: unknown keys are errors, numbers are numbers, nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def spelled_out(value: object) -> object:
    """Let `kind = "x"` without options be written as "x"."""
    return {"kind": value} if isinstance(value, str) else value


def as_tuple(value: object) -> object:
    """Take a list of the TOML for what does not change later."""
    return tuple(value) if isinstance(value, list) else value


SpelledOut = BeforeValidator(spelled_out)
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


# --- data sets --------------------------------------------------------------------------


class Split(Section):
    """How many rows go where; drawn by a seed of its own, or anew by every run's seed."""

    train: Count | None = None
    validation: Annotated[int, Field(ge=0)] = 0
    test: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None


class Dataset(Section):
    """Which rows, and how they are split."""

    split: Split = Split()

    @property
    def source(self) -> Source:
        """What is known of the rows."""
        raise NotImplementedError

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


class Pictures(Dataset):
    """Pictures of digits; what is known of them stands in zoo.data.sources."""

    kind: str

    @property
    def source(self) -> Source:
        """What is known of the pictures."""
        return SOURCES[self.kind]


class Digits(Pictures):
    """8 x 8 pictures with values 0 to 16, inside scikit-learn."""

    kind: Literal["digits"]


class Mnist(Pictures):
    """28 x 28 pictures with values 0 to 255."""

    kind: Literal["mnist"]


class Kaggle(Pictures):
    """MNIST in another order, as Kaggle hands it out."""

    kind: Literal["kaggle"]


class Table(Dataset):
    """Rows of numbers that are no pictures: the entry says what they are like."""

    kind: Literal["table"]
    columns: Count
    classes: Count
    rows: Count

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
            look=f"A row of {self.columns:,} numbers.",
        )


Data = Annotated[Digits | Mnist | Kaggle | Table, Field(discriminator="kind"), SpelledOut]


# --- layers -----------------------------------------------------------------------------


class Dense(Section):
    """Every unit sees every input; its width is the one in `hidden`."""

    kind: Literal["dense"]


class Relu(Section):
    """max(z, 0)."""

    kind: Literal["relu"]


class LeakyRelu(Section):
    """max(z, leak z)."""

    kind: Literal["leaky_relu"]
    leak: Share = 0.01


class Sigmoid(Section):
    """1 / (1 + exp(-z))."""

    kind: Literal["sigmoid"]


class Tanh(Section):
    """tanh(z)."""

    kind: Literal["tanh"]


class Dropout(Section):
    """In training, drop a share of the values."""

    kind: Literal["dropout"]
    rate: Share


class BatchNorm(Section):
    """Bring every feature to mean 0 and variance 1 over the batch."""

    kind: Literal["batch_norm"]
    momentum: Share = 0.9


Layer = Annotated[
    Dense | Relu | LeakyRelu | Sigmoid | Tanh | Dropout | BatchNorm,
    Field(discriminator="kind"),
    SpelledOut,
]


# --- optimizers -------------------------------------------------------------------------


class Sgd(Section):
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


class RmsProp(Section):
    """Steps divided by the gradient's recent size."""

    kind: Literal["rmsprop"]
    decay: Share = 0.9


class Adam(Section):
    """Momentum and RMSprop together."""

    kind: Literal["adam"]
    beta1: Share = 0.9
    beta2: Share = 0.999


class AdamW(Section):
    """Adam with weights that shrink by themselves."""

    kind: Literal["adamw"]
    decay: Strength
    beta1: Share = 0.9
    beta2: Share = 0.999


Optimizer = Annotated[Sgd | RmsProp | Adam | AdamW, Field(discriminator="kind"), SpelledOut]


# --- schedules --------------------------------------------------------------------------


class Schedule(Section):
    """What all schedules share: a linear warm-up over a share of the whole training."""

    warm_up: Share = 0.0


class Constant(Schedule):
    """Keep the rate."""

    kind: Literal["constant"]


class Step(Schedule):
    """Multiply the rate by a factor every so many epochs."""

    kind: Literal["step"]
    every: Count
    factor: Decay


class Exponential(Schedule):
    """Multiply the rate by a factor over every epoch."""

    kind: Literal["exponential"]
    factor: Decay


class Cosine(Schedule):
    """Fall to 0 along half a cosine."""

    kind: Literal["cosine"]


AnySchedule = Annotated[
    Constant | Step | Exponential | Cosine, Field(discriminator="kind"), SpelledOut
]


# --- initializers -----------------------------------------------------------------------


class Zeros(Section):
    """Nothing but zeros."""

    kind: Literal["zeros"]


class Uniform(Section):
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


class Normal(Section):
    """From the normal distribution around 0."""

    kind: Literal["normal"]
    std: Width


class He(Section):
    """Normal with variance 2 / inputs."""

    kind: Literal["he"]


class Glorot(Section):
    """Uniform with variance 2 / (inputs + units)."""

    kind: Literal["glorot"]


Weights = Annotated[Zeros | Uniform | Normal | He | Glorot, Field(discriminator="kind"), SpelledOut]
Biases = Annotated[Zeros | Uniform | Normal, Field(discriminator="kind"), SpelledOut]


# --- augmentations ----------------------------------------------------------------------


class Shift(Section):
    """Move a picture by up to so many pixels in each direction."""

    kind: Literal["shift"]
    pixels: Size


class Rotate(Section):
    """Turn a picture about its middle by up to so many degrees."""

    kind: Literal["rotate"]
    degrees: Annotated[float, Field(gt=0, le=180)]


class Scale(Section):
    """Make a picture smaller or larger by up to this share, in height and width apart."""

    kind: Literal["scale"]
    share: Fraction


class Shear(Section):
    """Slant a picture: a row moves sideways by up to this share of its height."""

    kind: Literal["shear"]
    share: Size


class Elastic(Section):
    """Ripple a picture: noise within +-alpha, smoothed by a Gaussian of sigma pixels."""

    kind: Literal["elastic"]
    alpha: Size
    sigma: Annotated[float, Field(ge=0.1, le=100)]


class Stroke(Section):
    """Draw bolder or finer by up to this share of a pixel on each side."""

    kind: Literal["stroke"]
    share: Annotated[float, Field(gt=0, le=1)]


Warp = Shift | Rotate | Scale | Shear | Elastic
Augmentation = Annotated[Warp | Stroke, Field(discriminator="kind"), SpelledOut]
