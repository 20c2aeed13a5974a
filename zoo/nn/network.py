"""A network: layers in a row over one flat vector of parameters and one of their gradient."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from zoo.nn.buffers import Array, Buffer
from zoo.nn.initializers import Initializer
from zoo.nn.layers import Dense, Layer

EVALUATION_ROWS = 512  # rows that are carried up at a time when a whole data set is to be judged


class Network:
    """From pixels to logits and back; `parameters` and `gradient` are flat, layers hold views.

    Pixels come as they are stored and become scale * pixel + shift here, a batch at a time.
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
            np.asarray(one, self.dtype) if isinstance(one, Sequence) else one
            for one in (scale, shift)
        )
        width = inputs
        for layer in self.layers:
            width = layer.build(width)
        self.classes = width
        shapes = [layer.parameter_shape for layer in self.layers]
        remembered = [layer.statistics_shape for layer in self.layers]
        self.parameters, self.gradient, self.is_weight = (_flat(shapes, dtype) for _ in range(3))
        self.statistics = _flat(remembered, dtype)
        for layer, parameters, gradient, is_weight, statistics in zip(
            self.layers,
            _views(self.parameters, shapes),
            _views(self.gradient, shapes),
            _views(self.is_weight, shapes),
            _views(self.statistics, remembered),
            strict=True,
        ):
            layer.attach(parameters, gradient, statistics)
            if isinstance(layer, Dense):
                is_weight[:, :-1] = 1
        self._optimize_first_layer()
        self._memory = Buffer(dtype)
        self.inputs_set = 0  # tells whoever keeps a batch here whether another came since
        self._shape = (0, False)

    def _optimize_first_layer(self) -> None:
        """Spare the lowest layer what nobody needs, and leave the scaling of pixels to it."""
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
        """Draw W1, b1, W2, b2 ... in this order from one generator."""
        for layer in self.layers:
            layer.initialize(rng, weights, biases)

    @property
    def preserves_input(self) -> bool:
        """Whether what was loaded is still there after a way up and down."""
        return isinstance(self.layers[0], Dense)

    @property
    def needs_full_batch(self) -> bool:
        """Whether a batch may not be cut into tiles."""
        return any(layer.needs_full_batch for layer in self.layers)

    def set_input(self, pixels: npt.NDArray[np.generic], *, persistent: bool = False) -> None:
        """Take a batch in: cast it, scale it.

        A batch that stays for many steps is laid out feature by feature, which products prefer;
        one that is fetched for one step is laid out as it comes, row by row.
        """
        self.inputs_set += 1
        if self._shape != (len(pixels), persistent):
            self._allocate(len(pixels), persistent=persistent)
        np.copyto(self._pixels, pixels, casting="same_kind")
        if self._folded_scale == 1:
            np.multiply(self._pixels, self.scale, out=self._pixels)
            np.add(self._pixels, self.shift, out=self._pixels)

    def _allocate(self, rows: int, *, persistent: bool) -> None:
        columns = self.inputs + 1
        shaped = self._memory if persistent else self._memory.by_rows
        self._input = shaped(rows, columns)
        self._pixels = self._input[:, :-1]
        self._input[:, -1] = 1 / self._folded_scale  # Dense.scale says why
        if rows != self._shape[0]:
            for layer in self.layers:
                layer.allocate(rows)
        self._shape = (rows, persistent)

    def forward(self, *, training: bool = False) -> Array:
        """Return the logits of what was loaded; they are overwritten by the next batch."""
        x = self._input
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x[:, :-1]

    def backward(self, d_logits: Array) -> None:
        """Fill the gradient from dL/dlogits."""
        for layer in reversed(self.layers):
            d_logits = layer.backward(d_logits)
            if layer is self._first_trainable:
                return

    def logits(
        self, pixels: npt.NDArray[np.generic], rows: npt.NDArray[np.intp] | None = None
    ) -> Array:
        """Return the logits of all pictures, or of some rows of them, as an array of its own."""
        logits = np.empty((len(pixels if rows is None else rows), self.classes), self.dtype)
        for start in range(0, len(logits), EVALUATION_ROWS):
            tile = slice(start, start + EVALUATION_ROWS)
            self.set_input(pixels[tile if rows is None else rows[tile]])
            logits[tile] = self.forward()
        return logits

    def named_arrays(self) -> Iterator[tuple[str, Array]]:
        """Yield W1, b1, W2, b2 ... and what other layers learned, as views."""
        counts: Counter[object] = Counter()  # each kind is counted for itself
        for layer in self.layers:
            views = layer.named_arrays()
            kind = layer.prefix or tuple(views)
            counts[kind] += 1
            for name, view in views.items():
                yield f"{layer.prefix}{name}{counts[kind]}", view


def _flat(shapes: Sequence[tuple[int, int]], dtype: npt.DTypeLike) -> Array:
    return np.zeros(sum(rows * columns for rows, columns in shapes), dtype)


def _views(flat: Array, shapes: Sequence[tuple[int, int]]) -> Iterator[Array]:
    """Cut a flat vector into one array a layer, without copying."""
    start = 0
    for rows, columns in shapes:
        stop = start + rows * columns
        yield flat[start:stop].reshape(rows, columns)
        start = stop
