"""The layers and initializers that an entry can name."""

from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    Tag,
    model_validator,
)

from zoo.config import plugins
from zoo.config.base import (
    BUILTIN_TAG,
    PLUGIN_TAG,
    ConfigModel,
    ExpandShorthand,
    PluginKind,
    Share,
    Width,
    builtin_or_plugin,
)


class Dense(ConfigModel):
    """A fully connected layer; its width is the one in `hidden`."""

    kind: Literal["dense"]


class Relu(ConfigModel):
    """max(z, 0)."""

    kind: Literal["relu"]


class LeakyRelu(ConfigModel):
    """max(z, leak * z)."""

    kind: Literal["leaky_relu"]
    leak: Share = 0.01


class Sigmoid(ConfigModel):
    """1 / (1 + exp(-z))."""

    kind: Literal["sigmoid"]


class Tanh(ConfigModel):
    """tanh(z)."""

    kind: Literal["tanh"]


class Dropout(ConfigModel):
    """Set a share of the values to 0 in training."""

    kind: Literal["dropout"]
    rate: Share


class BatchNorm(ConfigModel):
    """Normalize every feature to mean 0 and variance 1 over the batch."""

    kind: Literal["batch_norm"]
    momentum: Share = 0.9


class PluginLayer(PluginKind):
    """A layer of a plugin; it has as many outputs as inputs."""

    plugin_types = ("activation", "layer")

    @property
    def has_parameters(self) -> bool:
        """Whether it may have parameters; only its code knows their number."""
        return self.kind not in plugins.kinds("activation")


BuiltinLayer = Dense | Relu | LeakyRelu | Sigmoid | Tanh | Dropout | BatchNorm
LayerConfig = Annotated[
    Annotated[BuiltinLayer, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginLayer, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinLayer, PluginLayer),
    ExpandShorthand,
]


class Zeros(ConfigModel):
    """All zeros."""

    kind: Literal["zeros"]


class Uniform(ConfigModel):
    """The uniform distribution on [low, high)."""

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
    """The normal distribution with mean 0."""

    kind: Literal["normal"]
    std: Width


class He(ConfigModel):
    """The normal distribution with variance 2 / inputs."""

    kind: Literal["he"]


class Glorot(ConfigModel):
    """The uniform distribution with variance 2 / (inputs + units)."""

    kind: Literal["glorot"]


class PluginInitializer(PluginKind):
    """An initializer of a plugin."""

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
    builtin_or_plugin(BuiltinWeights, PluginInitializer),  # `he` is built-in, but not for biases
    ExpandShorthand,
]
