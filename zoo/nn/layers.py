"""Layers.

`forward` computes the output; `backward` computes the gradients of the parameters and of the input.

    dense                forward   Z = [X 1] [W b]ᵀ (in the originals: Z = W·X + b)
                         backward  d[W b] = dZᵀ [X 1],  dX = dZ W
    activation           forward   A = g(Z)
                         backward  dZ = dA * g'(Z)
    dropout              forward   A = X * mask / (1 - rate)
                         backward  dX = dA * mask / (1 - rate)
    batch normalization  forward   A = gamma * N + beta,  N = (X - mean) / std
                         backward  dX = gamma / std * (dA - mean(dA) - N * mean(dA * N))
"""

from abc import ABC, abstractmethod

import numpy as np

from zoo.nn import activations, matmul
from zoo.nn.buffers import Array, Buffer, OnesBuffer
from zoo.nn.initializers import Initializer


class Layer(ABC):
    """A layer of a network: `forward` and `backward`, and the parameters of its own if it has any.

    A layer with parameters sets `parameters` to an array of their initial values in `__init__`. The
    network moves it into its flat vector, and sets `gradient` to the array of the same shape that
    `backward` writes. `statistics` are numbers that are saved with the parameters and not trained.
    """

    parameters: Array = np.empty((0, 0))
    gradient: Array = np.empty((0, 0))
    statistics: Array = np.empty((0, 0))
    needs_full_batch = False  # True where the output for a row depends on the batch's other rows
    prefix = ""  # starts the names of its arrays in a file; the kind, for a plugin's layer

    @abstractmethod
    def forward(self, x: Array, *, training: bool) -> Array:
        """Return the output (rows, outputs) for x (rows, inputs); it may be x, overwritten."""

    @abstractmethod
    def backward(self, d_output: Array) -> Array:
        """Write dL/d(parameters) into `gradient`; return dL/dx. It may be d_output, overwritten."""

    def named_arrays(self) -> dict[str, Array]:
        """Return views of the parameters and statistics, by their names in a file."""
        views = {"parameters": self.parameters, "statistics": self.statistics}
        return {name: view for name, view in views.items() if view.size}


class Dense(Layer):
    """A fully connected layer: Z = [X 1] [W b]ᵀ, with [W b] of shape (units, inputs + 1).

    [X 1] is already in memory if X is the input of the network or the output of the dense layer
    below, be it changed in place by the layers in between; any other X is copied.

    `input_scale` is a factor on all inputs, such as the 1/255 of pixels: (scale X) W is
    scale (X W), and X W is by far the smaller array. The column of ones then holds 1/scale.
    """

    input_scale: float = 1.0
    needs_input_gradient = True  # False where no earlier layer has parameters

    def __init__(self, inputs: int, units: int) -> None:
        self.inputs, self.units = inputs, units
        self.parameters = np.zeros((units, inputs + 1))
        self.below, self.output, self._copy = OnesBuffer(), OnesBuffer(), OnesBuffer()
        self._d_x, self._partial_gradients = Buffer(), Buffer()

    @property
    def weights(self) -> Array:
        """W, (units, inputs)."""
        return self.parameters[:, :-1]

    @property
    def biases(self) -> Array:
        """The column b, (units, 1)."""
        return self.parameters[:, -1:]

    def initialize(
        self, rng: np.random.Generator, weights: Initializer, biases: Initializer
    ) -> None:
        """Draw W, then b."""
        self.weights[:] = weights(rng, self.units, self.inputs)
        self.biases[:] = biases(rng, self.units, 1)

    def named_arrays(self) -> dict[str, Array]:
        """Return W (units, inputs) and b (units,)."""
        return {"W": self.weights, "b": self.biases[:, 0]}

    def forward(self, x: Array, *, training: bool) -> Array:
        """Return Z."""
        if len(x) != len(self.output.x):
            self._allocate(len(x))
        self.x1 = self.below.x1 if x is self.below.x else self._copied(x)
        z = self.output.x
        if self.n_blocks == 1:
            # the product of matmul.forward, with less overhead
            np.dot(self.parameters, self.x1.T, out=z.T)
        else:
            matmul.forward(self.x1, self.parameters, z)
        if self.input_scale != 1:
            np.multiply(z, self.input_scale, out=z)
        return z

    def _allocate(self, rows: int) -> None:
        """Allocate for this many rows: the output, and dL/dx where an earlier layer needs it."""
        dtype = self.parameters.dtype
        self.output.allocate(rows, self.units, dtype)
        self.d_x = self._d_x.allocate(rows, self.inputs if self.needs_input_gradient else 0, dtype)
        self.n_blocks = matmul.n_blocks(rows, self.inputs + 1, self.units)
        self.partial_gradients = self._partial_gradients.allocate(
            self.parameters.size, self.n_blocks if self.n_blocks > 1 else 0, dtype
        ).T

    def _copied(self, x: Array) -> Array:
        """Return a copy of X as [X 1]."""
        if len(x) != len(self._copy.x):
            self._copy.allocate(
                len(x), self.inputs, self.parameters.dtype, one=1 / self.input_scale
            )
        np.copyto(self._copy.x, x)
        return self._copy.x1

    def backward(self, d_output: Array) -> Array:
        """Write d[W b] = dZᵀ [X 1]; return dX = dZ W, or an empty array if it is not needed."""
        if self.input_scale != 1:
            np.multiply(d_output, self.input_scale, out=d_output)
        if self.n_blocks == 1:
            np.dot(d_output.T, self.x1, out=self.gradient)
        else:
            matmul.gradient(d_output, self.x1, self.gradient, self.partial_gradients)
        if self.needs_input_gradient:
            np.matmul(d_output, self.weights, out=self.d_x)
        return self.d_x


class Activation(Layer):
    """An activation A = g(Z), element by element; `forward` also stores the derivative."""

    def __init__(self, function: activations.ActivationFunction) -> None:
        self.function = function
        self.derivative = Buffer()

    def forward(self, x: Array, *, training: bool) -> Array:
        """Write g(Z) over Z."""
        self.function(x, self.derivative.like(x))
        return x

    def backward(self, d_output: Array) -> Array:
        """Return dZ = dA * g'(Z)."""
        return np.multiply(d_output, self.derivative.array, out=d_output)


class Dropout(Layer):
    """Dropout: in training, each value is 0 with probability `rate` and scaled up otherwise."""

    def __init__(self, rate: float, *, rng: np.random.Generator) -> None:
        self.rate, self.rng = rate, rng
        self.mask = Buffer()

    def forward(self, x: Array, *, training: bool) -> Array:
        """Multiply x by a random mask in training; return x unchanged otherwise."""
        if training:
            mask = self.mask.like(x)
            self.rng.random(dtype=mask.dtype.type, out=mask.T)
            np.greater_equal(mask, self.rate, out=mask)
            np.multiply(mask, 1 / (1 - self.rate), out=mask)
            np.multiply(x, mask, out=x)
        return x

    def backward(self, d_output: Array) -> Array:
        """Return dX = dA * mask / (1 - rate)."""
        return np.multiply(d_output, self.mask.array, out=d_output)


class BatchNorm(Layer):
    """Batch normalization: every feature gets mean 0 and variance 1, then gamma and beta.

    Training uses the mean and variance of the batch and updates their running means; prediction
    uses the running means (Ioffe and Szegedy 2015).
    """

    epsilon = 1e-5  # prevents a division by zero where a feature is constant
    needs_full_batch = True  # the mean and variance are those of the full batch

    def __init__(self, inputs: int, momentum: float) -> None:
        self.momentum = momentum  # the weight of the old statistics at every step
        self.parameters = np.stack([np.ones(inputs), np.zeros(inputs)])  # gamma, beta
        self.statistics = np.stack([np.zeros(inputs), np.ones(inputs)])  # mean, variance
        self._normalized, self._scratch = Buffer(), Buffer()

    def named_arrays(self) -> dict[str, Array]:
        """Return gamma, beta and the running statistics, each (features,)."""
        arrays = (*self.parameters, *self.statistics)
        return dict(zip(("gamma", "beta", "mean", "variance"), arrays, strict=True))

    def forward(self, x: Array, *, training: bool) -> Array:
        """Write gamma * N + beta over x."""
        gamma, beta = self.parameters
        normalized = self._normalized.like(x)
        if training:
            mean = np.add.reduce(x, axis=0) / len(x)
            np.subtract(x, mean, out=normalized)
            squares = np.multiply(normalized, normalized, out=self._scratch.like(x))
            variance = np.add.reduce(squares, axis=0) / len(x)
            self._update_running_statistics(mean, variance, len(x))
        else:
            mean, variance = self.statistics
            np.subtract(x, mean, out=normalized)
        std = np.sqrt(variance + self.epsilon)
        np.divide(normalized, std, out=normalized)
        self.factor: Array = gamma / std
        np.multiply(normalized, gamma, out=x)
        np.add(x, beta, out=x)
        return x

    def _update_running_statistics(self, mean: Array, variance: Array, rows: int) -> None:
        running_mean, running_variance = self.statistics
        weight = 1 - self.momentum
        unbiased = rows / max(rows - 1, 1)  # a sample's variance is biased by this factor
        self.statistics *= self.momentum
        running_mean += mean * weight
        running_variance += variance * (weight * unbiased)

    def backward(self, d_output: Array) -> Array:
        """Write d_gamma = sum(dA * N) and d_beta = sum(dA); return dX."""
        d_gamma, d_beta = self.gradient
        normalized, scratch = self._normalized.array, self._scratch.array
        np.multiply(d_output, normalized, out=scratch)
        np.add.reduce(scratch, axis=0, out=d_gamma)
        np.add.reduce(d_output, axis=0, out=d_beta)
        np.multiply(normalized, d_gamma / len(d_output), out=scratch)
        np.subtract(d_output, scratch, out=d_output)
        np.subtract(d_output, d_beta / len(d_output), out=d_output)
        return np.multiply(d_output, self.factor, out=d_output)
