"""Layers.

`forward` computes the output; `backward` computes the gradients of the parameters and of the input.

In the forward pass every array has one more column than the layer has features, all ones: the bias
is the last column of the weights, and needs no addition. Gradients do not have this column.

    dense                forward   Z = [X 1] [W b]ᵀ (in a README: Z = W·X + b)
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
from zoo.nn.buffers import Array, Buffer
from zoo.nn.initializers import Initializer


class Layer(ABC):
    """A layer of a network. A layer without parameters only defines `forward` and `backward`."""

    parameter_shape: tuple[int, int] = (0, 0)
    statistics_shape: tuple[int, int] = (0, 0)
    needs_full_batch = False  # True where a batch cannot be cut into tiles
    prefix = ""  # starts the names of its arrays in a file; the kind, for a plugin's layer

    def build(self, inputs: int) -> int:
        """Set the number of input features; return the number of output features."""
        self.inputs = inputs
        return inputs

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Set this layer's views of the network's flat vectors."""
        self.parameters, self.gradient, self.statistics = parameters, gradient, statistics

    def initialize(  # noqa: B027 - a layer without weights has nothing to draw
        self, rng: np.random.Generator, weights: Initializer, biases: Initializer
    ) -> None:
        """Draw the initial parameters; without this method they stay as `attach` left them."""

    def named_arrays(self) -> dict[str, Array]:
        """Return views of the parameters and statistics, by their names in a file."""
        views = {"parameters": self.parameters, "statistics": self.statistics}
        return {name: view for name, view in views.items() if view.size}

    def allocate(self, rows: int) -> None:  # noqa: B027 - a layer without buffers allocates nothing
        """Allocate the buffers for batches of this many rows."""

    @abstractmethod
    def forward(self, x: Array, *, training: bool) -> Array:
        """Return the output (rows, outputs + 1), its last column all ones; x may be overwritten."""

    @abstractmethod
    def backward(self, d_output: Array) -> Array:
        """Write dL/d(parameters) into the gradient view; return dL/dx (rows, inputs)."""


class Dense(Layer):
    """A fully connected layer: Z = [X 1] [W b]ᵀ, with [W b] of shape (units, inputs + 1).

    `input_scale` is a factor on all inputs, such as the 1/255 of pixels: (scale X) W is
    scale (X W), and X W is by far the smaller array. The column of ones then holds 1/scale.
    """

    input_scale: float = 1.0
    needs_input_gradient = True  # False where no earlier layer has parameters

    def __init__(self, units: int) -> None:
        self.units = units

    def build(self, inputs: int) -> int:
        """Set the number of inputs; return the number of units."""
        self.inputs = inputs
        self.parameter_shape = (self.units, inputs + 1)
        return self.units

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Set the views, and those of the weights and of the biases."""
        super().attach(parameters, gradient, statistics)
        self.weights, self.biases = parameters[:, :-1], parameters[:, -1:]
        self.d_weights, self.d_biases = gradient[:, :-1], gradient[:, -1:]
        self._output, self._d_x, self._partial_gradients = (
            Buffer(parameters.dtype) for _ in range(3)
        )

    def initialize(
        self, rng: np.random.Generator, weights: Initializer, biases: Initializer
    ) -> None:
        """Draw W, then b."""
        self.weights[:] = weights(rng, self.units, self.inputs)
        self.biases[:] = biases(rng, self.units, 1)

    def named_arrays(self) -> dict[str, Array]:
        """Return W (units, inputs) and b (units,)."""
        return {"W": self.weights, "b": self.biases[:, 0]}

    def allocate(self, rows: int) -> None:
        """Allocate the output, and dL/dx where an earlier layer needs it."""
        self.n_blocks = matmul.n_blocks(rows, self.inputs + 1, self.units)
        self.partial_gradients = self._partial_gradients(
            self.parameters.size, self.n_blocks if self.n_blocks > 1 else 0
        ).T
        self.output = self._output.with_bias_column(rows, self.units)
        self.z = self.output[:, :-1]
        self.d_x = self._d_x(rows, self.inputs if self.needs_input_gradient else 0)

    def forward(self, x: Array, *, training: bool) -> Array:
        """Return [Z 1]."""
        self.x = x
        if self.n_blocks == 1:
            # the product of matmul.forward, with less overhead
            np.dot(self.parameters, x.T, out=self.z.T)
        else:
            matmul.forward(x, self.parameters, self.z)
        if self.input_scale != 1:
            np.multiply(self.z, self.input_scale, out=self.z)
        return self.output

    def backward(self, d_output: Array) -> Array:
        """Write d[W b] = dZᵀ [X 1]; return dX = dZ W, or an empty array if it is not needed."""
        if self.input_scale != 1:
            np.multiply(d_output, self.input_scale, out=d_output)
        if self.n_blocks == 1:
            np.dot(d_output.T, self.x, out=self.gradient)
        else:
            matmul.gradient(d_output, self.x, self.gradient, self.partial_gradients)
        if self.needs_input_gradient:
            np.matmul(d_output, self.weights, out=self.d_x)
        return self.d_x


class Activation(Layer):
    """An activation A = g(Z), element by element; `forward` also stores the derivative."""

    def __init__(self, function: activations.ActivationFunction) -> None:
        self.function = function

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Set the (empty) views and the derivative's buffer."""
        super().attach(parameters, gradient, statistics)
        self._derivative = Buffer(parameters.dtype)

    def allocate(self, rows: int) -> None:
        """Allocate the derivative."""
        self.derivative = self._derivative(rows, self.inputs)

    def forward(self, x: Array, *, training: bool) -> Array:
        """Write g(Z) over Z; the column of ones stays."""
        self.function(x[:, :-1], self.derivative)
        return x

    def backward(self, d_output: Array) -> Array:
        """Return dZ = dA * g'(Z)."""
        return np.multiply(d_output, self.derivative, out=d_output)


class Dropout(Layer):
    """Dropout: in training, each value is 0 with probability `rate` and scaled up otherwise."""

    def __init__(self, rate: float, *, rng: np.random.Generator) -> None:
        self.rate, self.rng = rate, rng

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Set the (empty) views and the mask's buffer."""
        super().attach(parameters, gradient, statistics)
        self._mask = Buffer(parameters.dtype)

    def allocate(self, rows: int) -> None:
        """Allocate the mask."""
        self.mask = self._mask(rows, self.inputs)

    def forward(self, x: Array, *, training: bool) -> Array:
        """Multiply x by a random mask in training; return x unchanged otherwise."""
        if training:
            self.rng.random(dtype=self.mask.dtype.type, out=self.mask.T)
            np.greater_equal(self.mask, self.rate, out=self.mask)
            np.multiply(self.mask, 1 / (1 - self.rate), out=self.mask)
            np.multiply(x[:, :-1], self.mask, out=x[:, :-1])
        return x

    def backward(self, d_output: Array) -> Array:
        """Return dX = dA * mask / (1 - rate)."""
        return np.multiply(d_output, self.mask, out=d_output)


class BatchNorm(Layer):
    """Batch normalization: every feature gets mean 0 and variance 1, then gamma and beta.

    Training uses the mean and variance of the batch and updates their running means; prediction
    uses the running means (Ioffe and Szegedy 2015).
    """

    epsilon = 1e-5  # prevents a division by zero where a feature is constant
    needs_full_batch = True  # the mean and variance are those of the full batch

    def __init__(self, momentum: float) -> None:
        self.momentum = momentum  # the weight of the old statistics at every step

    def build(self, inputs: int) -> int:
        """Set two parameters and two statistics a feature; return the number of features."""
        self.inputs = inputs
        self.parameter_shape = self.statistics_shape = (2, inputs)
        return inputs

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Set the views, gamma to 1 and the running variance to 1."""
        super().attach(parameters, gradient, statistics)
        self.gamma, self.beta = parameters
        self.d_gamma, self.d_beta = gradient
        self.running_mean, self.running_variance = statistics
        self.gamma[:] = 1
        self.running_variance[:] = 1
        self.mean, self.variance, self.factor, self.scratch_row = np.empty(
            (4, self.inputs), parameters.dtype
        )
        self._normalized, self._scratch = Buffer(parameters.dtype), Buffer(parameters.dtype)

    def named_arrays(self) -> dict[str, Array]:
        """Return gamma, beta and the running statistics, each (features,)."""
        return {
            "gamma": self.gamma,
            "beta": self.beta,
            "mean": self.running_mean,
            "variance": self.running_variance,
        }

    def allocate(self, rows: int) -> None:
        """Allocate the normalized values and a scratch array of the same size."""
        self.normalized = self._normalized(rows, self.inputs)
        self.scratch = self._scratch(rows, self.inputs)

    def forward(self, x: Array, *, training: bool) -> Array:
        """Write gamma * N + beta over x."""
        values = x[:, :-1]
        if training:
            np.add.reduce(values, axis=0, out=self.mean)
            self.mean /= len(x)
            np.subtract(values, self.mean, out=self.normalized)
            np.multiply(self.normalized, self.normalized, out=self.scratch)
            np.add.reduce(self.scratch, axis=0, out=self.variance)
            self.variance /= len(x)
            self._update_running_statistics(len(x))
        else:
            np.subtract(values, self.running_mean, out=self.normalized)
            np.copyto(self.variance, self.running_variance)
        np.add(self.variance, self.epsilon, out=self.factor)
        np.sqrt(self.factor, out=self.factor)
        np.divide(self.normalized, self.factor, out=self.normalized)
        np.divide(self.gamma, self.factor, out=self.factor)  # gamma / std, for backward
        np.multiply(self.normalized, self.gamma, out=values)
        np.add(values, self.beta, out=values)
        return x

    def _update_running_statistics(self, rows: int) -> None:
        weight = 1 - self.momentum
        unbiased = rows / max(rows - 1, 1)  # a sample's variance is biased by this factor
        np.multiply(self.statistics, self.momentum, out=self.statistics)
        np.multiply(self.mean, weight, out=self.scratch_row)
        np.add(self.running_mean, self.scratch_row, out=self.running_mean)
        np.multiply(self.variance, weight * unbiased, out=self.scratch_row)
        np.add(self.running_variance, self.scratch_row, out=self.running_variance)

    def backward(self, d_output: Array) -> Array:
        """Write d_gamma = sum(dA * N) and d_beta = sum(dA); return dX."""
        rows = len(d_output)
        np.multiply(d_output, self.normalized, out=self.scratch)
        np.add.reduce(self.scratch, axis=0, out=self.d_gamma)
        np.add.reduce(d_output, axis=0, out=self.d_beta)
        np.divide(self.d_gamma, rows, out=self.scratch_row)
        np.multiply(self.normalized, self.scratch_row, out=self.scratch)
        np.subtract(d_output, self.scratch, out=d_output)
        np.divide(self.d_beta, rows, out=self.scratch_row)
        np.subtract(d_output, self.scratch_row, out=d_output)
        return np.multiply(d_output, self.factor, out=d_output)
