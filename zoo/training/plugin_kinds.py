"""Layers, losses, optimizers, schedules and initializers of plugins, checked before use."""

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
    wrong_type_error,
)
from zoo.errors import ZooError
from zoo.nn.initializers import Initializer, InitialValues
from zoo.nn.layers import Activation, Dense, Layer
from zoo.nn.losses import Loss
from zoo.nn.network import Network
from zoo.nn.optimizers import Optimizer
from zoo.nn.schedules import Schedule

TRIAL_ROWS = 4  # the rows of the shape check


def layer(section: PluginKind, *, inputs: int, rng: np.random.Generator) -> Layer:
    """Return a plugin's layer; an activation function becomes a zoo.nn Activation layer."""
    if plugin_type(section) == "activation":
        return Activation(function(section))
    _check_shapes(section, inputs)
    layer = _layer(section, inputs, rng)
    layer.prefix = f"{section.kind}."
    return layer


def _layer(section: PluginKind, inputs: int, rng: np.random.Generator) -> Layer:
    layer = call(section, {"inputs": inputs, "rng": rng})
    if not isinstance(layer, Layer):
        raise wrong_type_error(section, layer, "a zoo.nn.layers.Layer")
    return layer


def _check_shapes(section: PluginKind, width: int) -> None:
    """Run forward and backward of a second instance on a few rows, and check the shapes."""
    rng = np.random.default_rng(0)
    layer = _layer(section, width, rng)
    x, d_output = rng.normal(size=(2, TRIAL_ROWS, width)).astype(np.float32)
    with wrapping_plugin_errors(section):
        Network([layer, Dense(width, 1)])  # sets the layer's gradient
        views = {"parameters": layer.parameters, "gradient": layer.gradient}
        results = {
            "forward": layer.forward(x, training=True),
            "backward": layer.backward(d_output),
        }
    for name, view in views.items():
        if getattr(layer, name) is not view:
            raise ZooError(
                f"{section.kind!r} of {provider(section)}: it replaces self.{name}, which the "
                "network reads.",
                hint=f"Write into the array: self.{name}[:] = ...",
            )
    for method, result in results.items():
        if np.shape(result) != (TRIAL_ROWS, width):
            raise ZooError(
                f"{section.kind!r} of {provider(section)}: {method}: expected {TRIAL_ROWS} rows "
                f"with {width} values, got {_describe_shape(result)}."
            )


def _describe_shape(value: object) -> str:
    shape = np.shape(value) if isinstance(value, np.ndarray) else ()
    return f"an array of {shape}" if len(shape) != 2 else f"{shape[0]} rows with {shape[1]}"


def loss(section: PluginKind, *, classes: int, dtype: npt.DTypeLike, smoothing: float) -> Loss:
    """Return a plugin's loss."""
    loss = call(section, {"classes": classes, "dtype": dtype, "smoothing": smoothing})
    if not isinstance(loss, Loss):
        raise wrong_type_error(section, loss, "a zoo.nn.losses.Loss")
    logits = np.zeros((2, classes), dtype)
    losses = loss.forward(logits, np.zeros(2, np.intp))
    margins = getattr(loss, "margins", 0.0)  # a loss may not set them
    if np.shape(losses) != (2,) or np.shape(margins) != (2,):
        raise ZooError(
            f"{section.kind!r} of {provider(section)} must return a loss and a margin per row."
        )
    return loss


def optimizer(section: PluginKind, **arguments: object) -> Optimizer:
    """Return a plugin's optimizer."""
    optimizer = call(section, arguments)
    if not isinstance(optimizer, Optimizer):
        raise wrong_type_error(section, optimizer, "a zoo.nn.optimizers.Optimizer")
    return optimizer


def schedule(section: PluginKind, *, rate: float, epochs: float) -> Schedule:
    """Return a plugin's schedule; an invalid learning rate is reported as the plugin's error."""
    schedule = function(section, rate=rate, epochs=epochs)

    def checked(epoch: float) -> float:
        learning_rate = schedule(epoch)
        if (
            not isinstance(learning_rate, int | float | np.number)
            or not 0 <= learning_rate < math.inf
        ):
            raise wrong_type_error(section, learning_rate, "a rate of at least 0")
        return float(learning_rate)

    return checked


def initializer(section: PluginKind) -> Initializer:
    """Return a plugin's initializer; a wrong shape is reported as the plugin's error."""
    initializer = function(section)

    def checked(rng: np.random.Generator, units: int, inputs: int) -> InitialValues:
        values = np.asarray(initializer(rng, units, inputs))
        if values.shape != (units, inputs):
            raise ZooError(
                f"{section.kind!r} of {provider(section)}: expected an array of "
                f"{(units, inputs)}, got {values.shape}."
            )
        return values

    return checked
