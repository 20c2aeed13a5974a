"""Layers, losses, optimizers and schedules of plugins, checked before they are used."""

import math

import numpy as np
import numpy.typing as npt

from zoo.config.base import PluginKind
from zoo.config.plugin_call import (
    call,
    function,
    plugin_type,
    provider,
    wrapping_plugin_errors,
    wrong_type,
)
from zoo.errors import ZooError
from zoo.nn.buffers import Buffer
from zoo.nn.initializers import Initializer, InitialValues, glorot, zeros
from zoo.nn.layers import Activation, Layer
from zoo.nn.losses import Loss
from zoo.nn.optimizers import Optimizer
from zoo.nn.schedules import Schedule

TRIAL_ROWS = 4  # of a rehearsal


def layer(section: PluginKind, *, width: int, rng: np.random.Generator) -> Layer:
    """Return the layer behind a kind; what bends is put into one of ours."""
    if plugin_type(section) == "activation":
        return Activation(function(section))
    _check_shapes(section, width)
    found = _layer(section, rng)
    found.prefix = f"{section.kind}."
    return found


def _layer(section: PluginKind, rng: np.random.Generator) -> Layer:
    layer = call(section, {"rng": rng})
    if not isinstance(layer, Layer):
        raise wrong_type(section, layer, "a zoo.nn.layers.Layer")
    return layer


def _check_shapes(section: PluginKind, width: int) -> None:
    """Carry a few rows up and down through another such layer, and look at their shapes."""
    rng = np.random.default_rng(0)
    tried = _layer(section, rng)
    with wrapping_plugin_errors(section):
        out = tried.build(width)
        (rows, columns), (more, others) = tried.parameter_shape, tried.statistics_shape
        parameters, gradient = np.zeros((2, rows, columns), np.float32)
        tried.attach(parameters, gradient, np.zeros((more, others), np.float32))
        tried.initialize(rng, glorot, zeros)
        tried.allocate(TRIAL_ROWS)
        x = Buffer(np.float32).with_bias_column(TRIAL_ROWS, width)
        x[:, :-1] = rng.normal(size=(TRIAL_ROWS, width))
        up = tried.forward(x, training=True)
        down = tried.backward(np.array(x[:, :-1], order="F"))
    if out != width:
        fault = f"of {width} values that come in it lets {out} out"
    elif np.shape(up) != (TRIAL_ROWS, width + 1) or not np.array_equal(
        up[:, -1], np.ones(TRIAL_ROWS)
    ):
        fault = (
            f"of {TRIAL_ROWS} rows with {width} values and a column of ones it makes "
            f"{_describe_shape(up)}"
        )
    elif np.shape(down) != (TRIAL_ROWS, width):
        fault = (
            f"of a gradient of {TRIAL_ROWS} rows with {width} values it makes "
            f"{_describe_shape(down)}"
        )
    else:
        return
    raise ZooError(f"{section.kind!r} of {provider(section)}: {fault}.")


def _describe_shape(value: object) -> str:
    shape = np.shape(value) if isinstance(value, np.ndarray) else ()
    return f"an array of {shape}" if len(shape) != 2 else f"{shape[0]} rows with {shape[1]}"


def loss(section: PluginKind, *, classes: int, dtype: npt.DTypeLike, smoothing: float) -> Loss:
    """Return the loss behind a kind."""
    found = call(section, {"classes": classes, "dtype": dtype, "smoothing": smoothing})
    if not isinstance(found, Loss):
        raise wrong_type(section, found, "a zoo.nn.losses.Loss")
    logits = np.zeros((2, classes), dtype)
    losses = found.forward(logits, np.zeros(2, np.intp))
    margins = getattr(found, "margins", 0.0)  # one that forgets them
    if np.shape(losses) != (2,) or np.shape(margins) != (2,):
        raise ZooError(
            f"{section.kind!r} of {provider(section)} is to give a loss and a margin for each row."
        )
    return found


def optimizer(section: PluginKind, **given: object) -> Optimizer:
    """Return the optimizer behind a kind."""
    found = call(section, given)
    if not isinstance(found, Optimizer):
        raise wrong_type(section, found, "a zoo.nn.optimizers.Optimizer")
    return found


def schedule(section: PluginKind, *, rate: float, epochs: float) -> Schedule:
    """Return the schedule behind a kind; what is no rate is told as theirs."""
    found = function(section, rate=rate, epochs=epochs)

    def checked(epoch: float) -> float:
        made = found(epoch)
        if not isinstance(made, int | float | np.number) or not 0 <= made < math.inf:
            raise wrong_type(section, made, "a rate of at least 0")
        return float(made)

    return checked


def initializer(section: PluginKind) -> Initializer:
    """Return the initializer behind a kind; another shape is told as theirs."""
    found = function(section)

    def checked(rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
        made = np.asarray(found(rng, units, inputs))
        if made.shape != (units, inputs):
            raise ZooError(
                f"{section.kind!r} of {provider(section)} draws {made.shape}, and not "
                f"{(units, inputs)}."
            )
        return made

    return checked
