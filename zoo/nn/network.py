"""A network: a sequence of layers, one flat vector of parameters and one of their gradient."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, Buffer
from zoo.nn.initializers import Initializer
from zoo.nn.layers import Dense, Layer

EVALUATION_ROWS = 512  # the batch size in the evaluation of a dataset


class Network:
    """A network from pixels to logits; `parameters` and `gradient` are flat, layers hold views.

    Pixels are given as they are stored; `set_input` computes scale * pixel + shift, batch by batch.
    """

    def __init__(
        self,
        inputs: int,
        layers: Sequence[Layer],
        *,
        scale: float | Sequence[float] = 1.0,
        shift: float | Sequence[float] = 0.0,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.inputs, self.layers = inputs, tuple(layers)
        self.dtype = np.dtype(dtype)
        self.scale, self.shift = (
            np.asarray(value, self.dtype) if isinstance(value, Sequence) else value
            for value in (scale, shift)
        )
        width = inputs
        for layer in self.layers:
            width = layer.build(width)
        self.classes = width
        shapes = [layer.parameter_shape for layer in self.layers]
        statistics_shapes = [layer.statistics_shape for layer in self.layers]
        self.parameters, self.gradient, self.is_weight = (_flat(shapes, dtype) for _ in range(3))
        self.statistics = _flat(statistics_shapes, dtype)
        for layer, parameters, gradient, is_weight, statistics in zip(
            self.layers,
            _views(self.parameters, shapes),
            _views(self.gradient, shapes),
            _views(self.is_weight, shapes),
            _views(self.statistics, statistics_shapes),
            strict=True,
        ):
            layer.attach(parameters, gradient, statistics)
            if isinstance(layer, Dense):
                is_weight[:, :-1] = 1
        self._optimize_first_layer()
        self._memory = Buffer(dtype)
        self.batch_number = 0  # tells a caller whether its batch is still set
        self._shape = (0, False)

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
        for layer in self.layers:
            layer.initialize(rng, weights, biases)

    @property
    def preserves_input(self) -> bool:
        """Whether the input is still unchanged after `forward` and `backward`."""
        return isinstance(self.layers[0], Dense)

    @property
    def needs_full_batch(self) -> bool:
        """Whether a layer needs a batch in one piece."""
        return any(layer.needs_full_batch for layer in self.layers)

    def set_input(self, pixels: npt.NDArray[np.generic], *, persistent: bool = False) -> None:
        """Cast and scale a batch of (rows, inputs).

        A persistent batch, used for many steps, is stored feature by feature, which is faster for
        products; a batch for one step is stored row by row, which is faster to write.
        """
        self.batch_number += 1
        if self._shape != (len(pixels), persistent):
            self._allocate(len(pixels), persistent=persistent)
        np.copyto(self._pixels, pixels, casting="same_kind")
        if self._folded_scale == 1:
            np.multiply(self._pixels, self.scale, out=self._pixels)
            np.add(self._pixels, self.shift, out=self._pixels)

    def _allocate(self, rows: int, *, persistent: bool) -> None:
        columns = self.inputs + 1
        allocate = self._memory if persistent else self._memory.by_rows
        self._input = allocate(rows, columns)
        self._pixels = self._input[:, :-1]
        self._input[:, -1] = 1 / self._folded_scale  # see Dense.input_scale
        if rows != self._shape[0]:
            for layer in self.layers:
                layer.allocate(rows)
        self._shape = (rows, persistent)

    def forward(self, *, training: bool = False) -> Array:
        """Return the logits (rows, classes) of the input; the next batch overwrites them."""
        x = self._input
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x[:, :-1]

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
            self.set_input(pixels[tile if rows is None else rows[tile]])
            logits[tile] = self.forward()
        return logits

    def named_arrays(self) -> Iterator[tuple[str, Array]]:
        """Yield views of W1, b1, W2, b2 ... and of the other layers' arrays, with their names."""
        counts: Counter[object] = Counter()  # each kind has its own numbers
        for layer in self.layers:
            views = layer.named_arrays()
            kind = layer.prefix or tuple(views)
            counts[kind] += 1
            for name, view in views.items():
                yield f"{layer.prefix}{name}{counts[kind]}", view


def _flat(shapes: Sequence[tuple[int, int]], dtype: npt.DTypeLike) -> Array:
    return np.zeros(sum(rows * columns for rows, columns in shapes), dtype)


def _views(flat: Array, shapes: Sequence[tuple[int, int]]) -> Iterator[Array]:
    """Yield one array per layer, a view of the flat vector."""
    start = 0
    for rows, columns in shapes:
        stop = start + rows * columns
        yield flat[start:stop].reshape(rows, columns)
        start = stop
