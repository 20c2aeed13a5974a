"""The layers: each computes its output going up, and dL/d(its parameters) and dL/dx going down.

Going up, every array has one more column than the layer has features, all ones: so a bias is the
last column of the weights, and needs no line of its own. Going down there is no such column.

    dense                up    Z = [X 1] [W b]ᵀ (in a README: Z = W·X + b)
                         down  d[W b] = dZᵀ [X 1],  dX = dZ W
    activation           up    A = g(Z)
                         down  dZ = dA * g'(Z)
    dropout              up    A = X * mask / (1 - rate)
                         down  dX = dA * mask / (1 - rate)
    batch normalization  up    A = gamma * N + beta,  N = (X - mean) / deviation
                         down  dX = gamma / deviation * (dA - mean(dA) - N * mean(dA * N))
"""

from abc import ABC, abstractmethod

import numpy as np

from zoo.nn import activations, matmul
from zoo.nn.buffers import Array, Buffer
from zoo.nn.initializers import Initializer


class Layer(ABC):
    """One step of the way from pixels to logits. A layer without parameters defines two methods."""

    parameter_shape: tuple[int, int] = (0, 0)
    statistics_shape: tuple[int, int] = (0, 0)
    needs_full_batch = False  # whether a batch may not be cut into tiles
    prefix = ""  # of the names of its arrays; a package's layer has its kind there

    def build(self, inputs: int) -> int:
        """Take the number of features that come in; return how many go out."""
        self.inputs = inputs
        return inputs

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Take this layer's views into the network's flat vectors."""
        self.parameters, self.gradient, self.statistics = parameters, gradient, statistics

    def initialize(  # noqa: B027 - the same
        self, rng: np.random.Generator, weights: Initializer, biases: Initializer
    ) -> None:
        """Draw the first parameters, where they are not the zeros that `bind` has given."""

    def named_arrays(self) -> dict[str, Array]:
        """Return views of what is learned and remembered, by names that a file may show."""
        views = {"parameters": self.parameters, "statistics": self.statistics}
        return {name: view for name, view in views.items() if view.size}

    def allocate(self, rows: int) -> None:  # noqa: B027 - a layer without buffers has nothing to do
        """Shape the buffers for batches of so many rows."""

    @abstractmethod
    def forward(self, x: Array, *, training: bool) -> Array:
        """Return the layer's output, ones included; it may be x itself, written over."""

    @abstractmethod
    def backward(self, d_output: Array) -> Array:
        """Write dL/d(parameters) into the gradient view; return dL/dx."""


class Dense(Layer):
    """Every unit sees every input: Z = [X 1] [W b]ᵀ, with [W b] of shape (units, inputs + 1).

    `scale` stands for a factor on all inputs, such as the 1/255 of pixels: (scale X) W is
    scale (X W), and X W is the smaller array by far. The column of ones then holds 1/scale.
    """

    input_scale: float = 1.0
    needs_input_gradient = True  # False where no layer below has parameters

    def __init__(self, units: int) -> None:
        self.units = units

    def build(self, inputs: int) -> int:
        """Remember the inputs; the units go out."""
        self.inputs = inputs
        self.parameter_shape = (self.units, inputs + 1)
        return self.units

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Take the views, and views of the weights and of the biases in them."""
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
        """Return W and b."""
        return {"W": self.weights, "b": self.biases[:, 0]}

    def allocate(self, rows: int) -> None:
        """Shape the output, and dL/dx where somebody below needs it."""
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
            np.dot(self.parameters, x.T, out=self.z.T)  # the same as matmul, sooner begun
        else:
            matmul.forward(x, self.parameters, self.z)
        if self.input_scale != 1:
            np.multiply(self.z, self.input_scale, out=self.z)
        return self.output

    def backward(self, d_output: Array) -> Array:
        """Write d[W b] = dZᵀ [X 1]; return dX = dZ W, or nothing if nobody below learns."""
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
    """A bend: A = g(Z) element by element, written over Z. Its derivative is kept on the way up."""

    def __init__(self, function: activations.ActivationFunction) -> None:
        self.function = function

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Take the (empty) views, and memory for the derivative."""
        super().attach(parameters, gradient, statistics)
        self._derivative = Buffer(parameters.dtype)

    def allocate(self, rows: int) -> None:
        """Shape the derivative."""
        self.derivative = self._derivative(rows, self.inputs)

    def forward(self, x: Array, *, training: bool) -> Array:
        """Write g over z; the column of ones stays."""
        self.function(x[:, :-1], self.derivative)
        return x

    def backward(self, d_output: Array) -> Array:
        """Return dZ = dA * g'(Z)."""
        return np.multiply(d_output, self.derivative, out=d_output)


class Dropout(Layer):
    """In training, every value is dropped with probability `rate` and the rest grow to make up."""

    def __init__(self, rate: float, *, rng: np.random.Generator) -> None:
        self.rate, self.rng = rate, rng

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Take the (empty) views, and memory for the mask."""
        super().attach(parameters, gradient, statistics)
        self._mask = Buffer(parameters.dtype)

    def allocate(self, rows: int) -> None:
        """Shape the mask."""
        self.mask = self._mask(rows, self.inputs)

    def forward(self, x: Array, *, training: bool) -> Array:
        """In training drop and scale; otherwise leave everything as it is."""
        if training:
            self.rng.random(dtype=self.mask.dtype.type, out=self.mask.T)
            np.greater_equal(self.mask, self.rate, out=self.mask)
            np.multiply(self.mask, 1 / (1 - self.rate), out=self.mask)
            np.multiply(x[:, :-1], self.mask, out=x[:, :-1])
        return x

    def backward(self, d_output: Array) -> Array:
        """Return dX: the gradient passes where the value passed, and as much larger."""
        return np.multiply(d_output, self.mask, out=d_output)


class BatchNorm(Layer):
    """Every feature is brought to mean 0 and variance 1 over the batch, then to beta and gamma.

    In training the batch's own mean and variance are used, and remembered as a running mean; an
    answer is later given with what is remembered (Ioffe and Szegedy 2015).
    """

    epsilon = 1e-5  # keeps a constant feature from dividing by zero
    needs_full_batch = True  # whose own mean and variance are computed

    def __init__(self, momentum: float) -> None:
        self.momentum = momentum  # the share of the old statistics that stays at every step

    def build(self, inputs: int) -> int:
        """As many out as in; gamma and beta to learn, mean and variance to remember."""
        self.inputs = inputs
        self.parameter_shape = self.statistics_shape = (2, inputs)
        return inputs

    def attach(self, parameters: Array, gradient: Array, statistics: Array) -> None:
        """Take the views; start as the identity."""
        super().attach(parameters, gradient, statistics)
        self.gamma, self.beta = parameters
        self.d_gamma, self.d_beta = gradient
        self.running_mean, self.running_variance = statistics
        self.gamma[:] = 1
        self.running_variance[:] = 1
        self.mean, self.variance, self.factor, self.share = np.empty(
            (4, self.inputs), parameters.dtype
        )
        self._normal, self._scratch = Buffer(parameters.dtype), Buffer(parameters.dtype)

    def named_arrays(self) -> dict[str, Array]:
        """Return what is learned, and what is remembered."""
        return {
            "gamma": self.gamma,
            "beta": self.beta,
            "mean": self.running_mean,
            "variance": self.running_variance,
        }

    def allocate(self, rows: int) -> None:
        """Shape the normalized values and the scratch of the same size."""
        self.normal = self._normal(rows, self.inputs)
        self.scratch = self._scratch(rows, self.inputs)

    def forward(self, x: Array, *, training: bool) -> Array:
        """Write gamma * N + beta over x."""
        values = x[:, :-1]
        if training:
            np.add.reduce(values, axis=0, out=self.mean)
            self.mean /= len(x)
            np.subtract(values, self.mean, out=self.normal)
            np.multiply(self.normal, self.normal, out=self.scratch)
            np.add.reduce(self.scratch, axis=0, out=self.variance)
            self.variance /= len(x)
            self._update_running_statistics(len(x))
        else:
            np.subtract(values, self.running_mean, out=self.normal)
            np.copyto(self.variance, self.running_variance)
        np.add(self.variance, self.epsilon, out=self.factor)
        np.sqrt(self.factor, out=self.factor)
        np.divide(self.normal, self.factor, out=self.normal)
        np.divide(self.gamma, self.factor, out=self.factor)  # gamma / deviation, for the way down
        np.multiply(self.normal, self.gamma, out=values)
        np.add(values, self.beta, out=values)
        return x

    def _update_running_statistics(self, rows: int) -> None:
        fresh = 1 - self.momentum
        unbiased = rows / max(rows - 1, 1)  # a sample's variance falls short of the whole's by this
        np.multiply(self.statistics, self.momentum, out=self.statistics)
        np.multiply(self.mean, fresh, out=self.share)
        np.add(self.running_mean, self.share, out=self.running_mean)
        np.multiply(self.variance, fresh * unbiased, out=self.share)
        np.add(self.running_variance, self.share, out=self.running_variance)

    def backward(self, d_output: Array) -> Array:
        """Write d_gamma = sum(dA * N) and d_beta = sum(dA); return dX."""
        rows = len(d_output)
        np.multiply(d_output, self.normal, out=self.scratch)
        np.add.reduce(self.scratch, axis=0, out=self.d_gamma)
        np.add.reduce(d_output, axis=0, out=self.d_beta)
        np.divide(self.d_gamma, rows, out=self.share)
        np.multiply(self.normal, self.share, out=self.scratch)
        np.subtract(d_output, self.scratch, out=d_output)
        np.divide(self.d_beta, rows, out=self.share)
        np.subtract(d_output, self.share, out=d_output)
        return np.multiply(d_output, self.factor, out=d_output)
