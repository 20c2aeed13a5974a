"""A network: a sequence of layers, one flat vector of parameters and one of their gradient."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, OnesBuffer
from zoo.nn.initializers import Initializer
from zoo.nn.layers import Dense, Layer

EVALUATION_ROWS = 512  # the batch size in the evaluation of a dataset


class Network:
    """A network from pixels to logits; `parameters` and `gradient` are flat, layers hold views.

    Pixels are given as they are stored; `prepare` computes scale * pixel + shift, batch by batch,
    and with `means` of columns scale * (value - mean).
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        scale: float | Sequence[float] = 1.0,
        shift: float = 0.0,
        means: Sequence[float] | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.layers = tuple(layers)
        self._dense = [layer for layer in layers if isinstance(layer, Dense)]
        self.inputs, self.classes = self._dense[0].inputs, self._dense[-1].units
        self.dtype = np.dtype(dtype)
        self.scale = np.asarray(scale, self.dtype) if isinstance(scale, Sequence) else scale
        self.shift = shift
        self.means = means and np.asarray(means, np.float32)  # the same number in every dtype
        self.parameters, parameters = _flat([layer.parameters for layer in layers], self.dtype)
        self.statistics, statistics = _flat([layer.statistics for layer in layers], self.dtype)
        self.gradient, gradients = _flat([np.zeros_like(view) for view in parameters], self.dtype)
        self.is_weight, _ = _flat([_is_weight(layer) for layer in layers], self.dtype)
        for layer, *views in zip(layers, parameters, statistics, gradients, strict=True):
            layer.parameters, layer.statistics, layer.gradient = views
        for below, above in pairwise(self._dense):
            above.below = below.output
        self._inputs = OnesBuffer()
        self._optimize_first_layer()

    def _optimize_first_layer(self) -> None:
        """Skip the input gradient of the first layer, and fold the scaling of pixels into it."""
        self._first_trainable = next(layer for layer in self.layers if layer.parameters.size)
        if isinstance(self._first_trainable, Dense):
            self._first_trainable.needs_input_gradient = False
        first = self.layers[0]
        self._folded_scale = 1.0
        if isinstance(first, Dense) and isinstance(self.scale, float) and self.shift == 0:
            first.input_scale = self._folded_scale = self.scale

    def initialize(
        self, rng: np.random.Generator, *, weights: Initializer, biases: Initializer
    ) -> None:
        """Draw W1, b1, W2, b2 ... in this order from one rng."""
        for dense in self._dense:
            dense.initialize(rng, weights, biases)

    @property
    def preserves_input(self) -> bool:
        """Whether the input is still unchanged after `forward` and `backward`."""
        return isinstance(self.layers[0], Dense)

    @property
    def needs_full_batch(self) -> bool:
        """Whether a layer needs a batch in one piece."""
        return any(layer.needs_full_batch for layer in self.layers)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of inputs, and of the units of each dense layer."""
        return (self.inputs, *(dense.units for dense in self._dense))

    def prepare(self, pixels: npt.NDArray[np.generic], *, persistent: bool = False) -> OnesBuffer:
        """Return a scaled batch of (rows, inputs); the next one overwrites it.

        A persistent batch, used for many steps, has its own memory and is stored feature by
        feature, which is faster for products; a batch for one step is stored row by row, which is
        faster to write.
        """
        inputs = OnesBuffer() if persistent else self._inputs
        if len(pixels) != len(inputs.x):
            one = 1 / self._folded_scale  # see Dense.input_scale
            inputs.allocate(len(pixels), self.inputs, self.dtype, one=one, by_rows=not persistent)
        np.copyto(inputs.x, pixels, casting="same_kind")
        if self._folded_scale == 1:
            if self.means is not None:
                np.subtract(inputs.x, self.means, out=inputs.x)
            np.multiply(inputs.x, self.scale, out=inputs.x)
            np.add(inputs.x, self.shift, out=inputs.x)
        return inputs

    def forward(self, inputs: OnesBuffer, *, training: bool = False) -> Array:
        """Return the logits (rows, classes) of prepared inputs; the next batch overwrites them."""
        self._dense[0].below = inputs
        x = inputs.x
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, d_logits: Array) -> None:
        """Compute the gradient of all parameters from dL/dlogits (rows, classes)."""
        for layer in reversed(self.layers):
            d_logits = layer.backward(d_logits)
            if layer is self._first_trainable:
                return

    def logits(
        self, pixels: npt.NDArray[np.generic], rows: npt.NDArray[np.intp] | None = None
    ) -> Array:
        """Return the logits (n, classes) of images (n, inputs), or of some rows, as a new array."""
        logits = np.empty((len(pixels if rows is None else rows), self.classes), self.dtype)
        for start in range(0, len(logits), EVALUATION_ROWS):
            tile = slice(start, start + EVALUATION_ROWS)
            logits[tile] = self.forward(self.prepare(pixels[tile if rows is None else rows[tile]]))
        return logits

    @contextmanager
    def with_weights(self, parameters: Array, statistics: Array) -> Iterator[None]:
        """Temporarily load these parameters and statistics."""
        current = self.parameters.copy(), self.statistics.copy()
        np.copyto(self.parameters, parameters)
        np.copyto(self.statistics, statistics)
        try:
            yield
        finally:
            np.copyto(self.parameters, current[0])
            np.copyto(self.statistics, current[1])

    def named_arrays(self) -> Iterator[tuple[str, Array]]:
        """Yield views of W1, b1, W2, b2 ... and of the other layers' arrays, with their names."""
        counts: Counter[object] = Counter()  # each kind has its own numbers
        for layer in self.layers:
            views = layer.named_arrays()
            kind = layer.prefix or tuple(views)
            counts[kind] += 1
            for name, view in views.items():
                yield f"{layer.prefix}{name}{counts[kind]}", view


def _flat(arrays: Sequence[Array], dtype: npt.DTypeLike) -> tuple[Array, list[Array]]:
    """Return all numbers of the arrays in one flat vector, and a view of it for each array."""
    flat = np.concatenate([np.ravel(array) for array in arrays], dtype=dtype)
    ends = np.cumsum([np.size(array) for array in arrays])
    parts = np.split(flat, ends[:-1])
    return flat, [part.reshape(np.shape(array)) for part, array in zip(parts, arrays, strict=True)]


def _is_weight(layer: Layer) -> Array:
    """Return 1 for the weights of a dense layer, 0 for its biases and for other parameters."""
    mask = np.zeros_like(layer.parameters)
    if isinstance(layer, Dense):
        mask[:, :-1] = 1
    return mask
