"""The losses, optimizers and learning-rate schedules that an entry can name."""

from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    Tag,
    model_validator,
)

from zoo.config.base import (
    BUILTIN_TAG,
    PLUGIN_TAG,
    ConfigModel,
    Count,
    Decay,
    ExpandShorthand,
    PluginKind,
    Share,
    Strength,
    builtin_or_plugin,
)


class CrossEntropy(ConfigModel):
    """-log of the probability of the correct class."""

    kind: Literal["cross_entropy"]


class PluginLoss(PluginKind):
    """A loss of a plugin."""

    plugin_types = ("loss",)


LossConfig = Annotated[
    Annotated[CrossEntropy, Tag(BUILTIN_TAG)] | Annotated[PluginLoss, Tag(PLUGIN_TAG)],
    builtin_or_plugin(CrossEntropy, PluginLoss),
    ExpandShorthand,
]


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
    """Gradient steps divided by a running root mean square of the gradient."""

    kind: Literal["rmsprop"]
    decay: Share = 0.9


class Adam(ConfigModel):
    """Momentum and RMSprop combined."""

    kind: Literal["adam"]
    beta1: Share = 0.9
    beta2: Share = 0.999


class AdamW(ConfigModel):
    """Adam with decoupled weight decay."""

    kind: Literal["adamw"]
    decay: Strength
    beta1: Share = 0.9
    beta2: Share = 0.999


class PluginOptimizer(PluginKind):
    """An optimizer of a plugin."""

    plugin_types = ("optimizer",)


BuiltinOptimizer = Sgd | RmsProp | Adam | AdamW
OptimizerConfig = Annotated[
    Annotated[BuiltinOptimizer, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginOptimizer, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinOptimizer, PluginOptimizer),
    ExpandShorthand,
]


class ScheduleOptions(ConfigModel):
    """The option of all schedules: a linear warm-up over a share of the training."""

    warm_up: Share = 0.0


class ConstantSchedule(ScheduleOptions):
    """A constant rate."""

    kind: Literal["constant"]


class StepSchedule(ScheduleOptions):
    """Multiply the rate by `factor` every `every` epochs."""

    kind: Literal["step"]
    every: Count
    factor: Decay


class ExponentialSchedule(ScheduleOptions):
    """Multiply the rate by `factor` over every epoch."""

    kind: Literal["exponential"]
    factor: Decay


class CosineSchedule(ScheduleOptions):
    """Decrease the rate to 0 along half a cosine."""

    kind: Literal["cosine"]


class PluginSchedule(ScheduleOptions, PluginKind):
    """A schedule of a plugin."""

    plugin_types = ("schedule",)


BuiltinSchedule = ConstantSchedule | StepSchedule | ExponentialSchedule | CosineSchedule
ScheduleConfig = Annotated[
    Annotated[BuiltinSchedule, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginSchedule, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinSchedule, PluginSchedule),
    ExpandShorthand,
]
