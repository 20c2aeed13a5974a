"""The network: flat vectors and their views, scale and shift of the input, memory."""

import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from threadpoolctl import threadpool_limits

from zoo.nn import initializers
from zoo.nn.activations import leaky_relu, relu, sigmoid, tanh
from zoo.nn.buffers import Array
from zoo.nn.layers import Activation, BatchNorm, Dense, Dropout, Layer
from zoo.nn.losses import L2, SoftmaxCrossEntropy
from zoo.nn.network import EVALUATION_ROWS, Network
from zoo.nn.optimizers import SGD, Adam, AdamW, Momentum, Optimizer, RMSprop

Pixels = npt.NDArray[np.uint8]


def images(rows: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 17, (rows, 64), dtype=np.uint8)


def initialized_network(
    layers: Sequence[Layer],
    *,
    scale: float = 1 / 16,
    shift: float = 0.0,
    dtype: npt.DTypeLike = np.float32,
) -> Network:
    network = Network(layers, scale=scale, shift=shift, dtype=dtype)
    network.initialize(
        np.random.default_rng(1), weights=initializers.he, biases=initializers.normal(0.1)
    )
    return network


def two_hidden(*, scale: float = 1 / 16, shift: float = 0.0) -> Network:
    layers = [Dense(64, 12), Activation(relu), Dense(12, 11), Activation(tanh), Dense(11, 10)]
    return initialized_network(layers, scale=scale, shift=shift)


def gradient_of(network: Network, pixels: Array | Pixels, *, persistent: bool = False) -> Array:
    """Return a copy of the gradient of one batch, whose labels are 0, 1, 2 ... 9, 0 ..."""
    loss = SoftmaxCrossEntropy(network.classes, dtype=network.dtype)
    logits = network.forward(network.prepare(pixels, persistent=persistent), training=True)
    loss.forward(logits, np.arange(len(pixels)) % network.classes)
    network.backward(loss.backward(len(pixels)))
    return network.gradient.copy()


# --- by hand ------------------------------------------------------------------------------


def test_network_means_of_columns() -> None:
    """A mean is subtracted before the scaling: differences of years stay exact in float32."""
    network = Network([Dense(2, 2)], scale=(0.25, 3.0), means=(2000.0, 16_777_216.0))
    rows = np.array([[2001, 16_777_218], [1998, 16_777_216]], np.float32)
    assert network.prepare(rows).x.tolist() == [[0.25, 6], [-0.5, 0]]
    exact = Network([Dense(1, 2)], scale=(1.0,), means=(0.1,), dtype=np.float64)
    assert exact.prepare(np.array([[0.0]])).x.item() == -float(np.float32(0.1))


def test_network_by_hand() -> None:
    """Logits and gradient of a network of two units."""
    network = Network([Dense(2, 2), Activation(relu), Dense(2, 2)], scale=0.5, dtype=np.float64)
    first, _, second = network.layers
    first.parameters[:] = [[1, 2, 1], [3, -4, 0]]
    second.parameters[:] = [[1, 0, 0], [2, 3, -1]]
    # x = (1, 2); z1 = (1 + 4 + 1, 3 - 8 + 0) = (6, -5); a1 = (6, 0); z2 = (6, 12 - 1)
    assert network.logits(np.array([[2, 4]], np.uint8)).tolist() == [[6, 11]]
    # d_logits = (1, 1): dW2 = a1 twice, db2 = (1, 1), d_a1 = (1 + 2, 0 + 3), d_z1 = (3, 0)
    network.forward(network.prepare(np.array([[2, 4]], np.uint8)), training=True)
    network.backward(np.ones((1, 2)))
    d_first, d_second = [[3, 6, 3], [0, 0, 0]], [[6, 0, 1], [6, 0, 1]]
    assert network.gradient.tolist() == [*np.ravel(d_first), *np.ravel(d_second)]


# --- flat vectors and views ---------------------------------------------------------------


def test_flat_vectors() -> None:
    """The layers' arrays are views of the flat vectors."""
    network = initialized_network([Dense(4, 3), BatchNorm(3, 0.9), Activation(relu), Dense(3, 2)])
    dense, norm, _, last = network.layers
    for layer in (dense, norm, last):
        assert np.shares_memory(layer.parameters, network.parameters)
        assert np.shares_memory(layer.gradient, network.gradient)
    assert np.shares_memory(norm.statistics, network.statistics)
    for _, array in network.named_arrays():
        assert any(
            np.shares_memory(array, flat) for flat in (network.parameters, network.statistics)
        )
    # 3·(4 + 1) of the first, 2·3 of the norm, 2·(3 + 1) of the last; the norm's statistics 2·3
    assert (network.parameters.size, network.gradient.size, network.statistics.size) == (29, 29, 6)
    network.parameters[:] = np.arange(29)
    assert last.parameters.tolist() == [[21, 22, 23, 24], [25, 26, 27, 28]]


def test_is_weight() -> None:
    """is_weight is 1 for weights, and 0 for biases and the parameters of a norm."""
    network = initialized_network([Dense(2, 2), BatchNorm(2, 0.9), Dense(2, 1)])
    # rows of [W b]: 2 units of 2 + 1; then gamma and beta; then 1 unit of 2 + 1
    assert network.is_weight.tolist() == [1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0]


def test_named_arrays() -> None:
    """Names and shapes of two hidden layers with batch normalization."""
    network = initialized_network(
        [
            *[Dense(7, 5), BatchNorm(5, 0.9), Activation(relu)],
            *[Dense(5, 4), BatchNorm(4, 0.9), Activation(relu)],
            Dense(4, 3),
        ],
    )
    assert [(name, array.shape) for name, array in network.named_arrays()] == [
        *[("W1", (5, 7)), ("b1", (5,))],
        *[("gamma1", (5,)), ("beta1", (5,)), ("mean1", (5,)), ("variance1", (5,))],
        *[("W2", (4, 5)), ("b2", (4,))],
        *[("gamma2", (4,)), ("beta2", (4,)), ("mean2", (4,)), ("variance2", (4,))],
        *[("W3", (3, 4)), ("b3", (3,))],
    ]


def test_named_arrays_unique() -> None:
    """Every array has its own name, at any position of batch normalization."""
    first, second = [[BatchNorm(width, 0.9) for _ in range(2)] for width in (7, 5)]
    layers = [*first, Dense(7, 5), *second, Dense(5, 3)]
    names = [name for name, _ in initialized_network(layers).named_arrays()]
    # two dense layers of W and b, four norms of four arrays
    assert len(set(names)) == len(names) == 2 * 2 + 4 * 4


def test_batch_norm_start() -> None:
    """Batch normalization starts as the identity."""
    layers = [Dense(2, 2), BatchNorm(2, 0.9), Dense(2, 2)]
    arrays = dict(initialized_network(layers).named_arrays())
    norm = {name: arrays[f"{name}1"].tolist() for name in ("gamma", "beta", "mean", "variance")}
    assert norm == {"gamma": [1, 1], "beta": [0, 0], "mean": [0, 0], "variance": [1, 1]}


# --- the column of ones -------------------------------------------------------------------


class Doubled(Layer):
    """The double of its input, in a new array or over the input."""

    def __init__(self, *, in_place: bool) -> None:
        self.in_place = in_place

    def forward(self, x: Array, *, training: bool) -> Array:
        return np.multiply(x, 2, out=x) if self.in_place else 2 * x

    def backward(self, d_output: Array) -> Array:
        return 2 * d_output


@pytest.mark.parametrize("in_place", [True, False])
def test_column_of_ones(in_place: bool) -> None:  # noqa: FBT001
    """A dense layer takes [X 1] of the one below, and copies what a layer in between made anew."""
    doubled = Doubled(in_place=in_place)
    network = initialized_network([Dense(64, 12), doubled, Dense(12, 10)], dtype=np.float64)
    first, _, second = network.layers
    assert isinstance(first, Dense)
    assert isinstance(second, Dense)
    pixels = images(30)
    gradient = gradient_of(network, pixels)
    assert (second.x1 is first.output.x1) == in_place
    weights = dict(network.named_arrays())
    hidden = 2 * (pixels / 16 @ weights["W1"].T + weights["b1"])
    np.testing.assert_allclose(second.x1, np.column_stack([hidden, np.ones(30)]), rtol=1e-12)
    np.testing.assert_allclose(
        network.logits(pixels), hidden @ weights["W2"].T + weights["b2"], rtol=1e-12
    )
    # the same network, with the factor in the weights of the first layer
    plain = initialized_network([Dense(64, 12), Dense(12, 10)], dtype=np.float64)
    size = first.parameters.size
    plain.parameters[:] = network.parameters
    plain.parameters[:size] *= 2
    expected = gradient_of(plain, pixels)
    np.testing.assert_allclose(gradient[:size], 2 * expected[:size], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gradient[size:], expected[size:], rtol=1e-9, atol=1e-12)


# --- input --------------------------------------------------------------------------------


def test_scale_folded() -> None:
    """A folded scale gives the logits and gradient of pixels that were scaled before."""
    pixels = images(30)
    folded, plain = two_hidden(scale=1 / 16), two_hidden(scale=1)
    scaled = (pixels / 16).astype(np.float32)
    np.testing.assert_allclose(folded.logits(pixels), plain.logits(scaled), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        gradient_of(folded, pixels), gradient_of(plain, scaled), rtol=1e-4, atol=1e-6
    )


def test_shift() -> None:
    """A pixel becomes scale times pixel plus shift."""
    pixels = images(30)
    shifted, plain = two_hidden(scale=1 / 16, shift=-0.5), two_hidden(scale=1)
    ready = (pixels / 16 - 0.5).astype(np.float32)
    np.testing.assert_allclose(shifted.logits(pixels), plain.logits(ready), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        gradient_of(shifted, pixels), gradient_of(plain, ready), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("shift", [0.0, -0.5])
def test_persistent_input(shift: float) -> None:
    """A persistent batch has the same gradient as one for a single step."""
    network, pixels = two_hidden(shift=shift), images(30)
    gradient = gradient_of(network, pixels)
    np.testing.assert_allclose(
        gradient_of(network, pixels, persistent=True), gradient, rtol=1e-4, atol=1e-6
    )
    assert gradient_of(network, pixels).tobytes() == gradient.tobytes()


def test_persistent_input_after_backward() -> None:
    """A persistent batch is unchanged after forward and backward."""
    network, pixels = two_hidden(), images(30)
    inputs = network.prepare(pixels, persistent=True)
    before = network.forward(inputs).tobytes()
    network.forward(inputs, training=True)
    network.backward(np.ones((30, 10), np.float32))
    assert network.preserves_input
    assert network.forward(inputs).tobytes() == before
    assert not initialized_network(
        [Dropout(0.1, rng=np.random.default_rng()), Dense(64, 2)]
    ).preserves_input


@pytest.mark.parametrize(
    "function", [relu, leaky_relu(0.1), sigmoid, tanh], ids=["relu", "leaky", "sigmoid", "tanh"]
)
def test_batches_of_other_sizes(
    function: Callable[[Array, Array], None],
) -> None:
    """Batches of other sizes in between change no gradient and take no new memory."""
    network = initialized_network(
        [Dense(64, 12), BatchNorm(12, 0.9), Activation(function), Dense(12, 10)]
    )
    pixels = images(40)
    first = {rows: gradient_of(network, pixels[:rows]) for rows in (40, 7, 23)}
    dense = network.layers[0]
    assert isinstance(dense, Dense)
    address = dense.output.x1.ctypes.data
    for rows in (7, 40, 23, 7, 40):
        assert gradient_of(network, pixels[:rows]).tobytes() == first[rows].tobytes()
        assert dense.output.x1.ctypes.data == address


def test_logits_in_tiles() -> None:
    """The logits of many rows in tiles are those of one pass."""
    network, pixels = two_hidden(), images(2 * EVALUATION_ROWS + 17)
    one_pass = network.forward(network.prepare(pixels)).copy()
    in_tiles = network.logits(pixels)
    np.testing.assert_allclose(in_tiles, one_pass, rtol=1e-5, atol=1e-6)
    rows = np.array([5, 500, 5, 0])
    np.testing.assert_allclose(network.logits(pixels, rows), one_pass[rows], rtol=1e-5, atol=1e-6)


def test_float64() -> None:
    """All arrays of a float64 network are float64."""
    network, single = (
        initialized_network(
            [Dense(64, 5), BatchNorm(5, 0.9), Activation(sigmoid), Dense(5, 3)], dtype=dtype
        )
        for dtype in (np.float64, np.float32)
    )
    pixels = images(20)
    assert network.logits(pixels).dtype == np.float64
    assert gradient_of(network, pixels).dtype == np.float64
    np.testing.assert_allclose(
        gradient_of(single, pixels), gradient_of(network, pixels), rtol=1e-3, atol=1e-5
    )


# --- memory -------------------------------------------------------------------------------


def peak_memory_of(work: Callable[[int], None], *, steps: int) -> int:
    """Return the peak memory of `work` above its level after a warm-up, in bytes."""
    for number in range(1, 4):
        work(number)
    tracemalloc.start()
    try:
        work(4)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        for number in range(5, 5 + steps):
            work(number)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before


@pytest.mark.parametrize(
    ("layers", "smoothing"),
    [
        pytest.param(
            [
                *[Dense(64, 16), Activation(leaky_relu(0.1)), Dense(16, 16), Activation(sigmoid)],
                *[Dense(16, 16), Activation(tanh), Dense(16, 10)],
            ],
            0.1,
            id="activations, smoothing",
        ),
        pytest.param(
            [
                *[Dense(64, 16), BatchNorm(16, 0.9), Activation(relu)],
                *[Dropout(0.2, rng=np.random.default_rng(0)), Dense(16, 10)],
            ],
            0.0,
            id="norm, dropout",
        ),
    ],
)
def test_step_memory(layers: Sequence[Layer], smoothing: float) -> None:
    """A step after the first few allocates no array."""
    rows = 16_384
    network, pool, labels = initialized_network(layers), images(2 * rows), np.arange(2 * rows) % 10
    pixels, batch_labels = np.empty((rows, 64), np.uint8), np.empty(rows, np.intp)
    order = np.random.default_rng(0).permutation(2 * rows)
    loss = SoftmaxCrossEntropy(10, smoothing=smoothing)
    l2, optimizer = L2(0.01, network.is_weight), Adam(network.parameters)

    def step(number: int) -> None:
        rows_of_batch = order[:rows] if number % 2 else order[rows:]
        pool.take(rows_of_batch, axis=0, out=pixels, mode="clip")
        labels.take(rows_of_batch, out=batch_labels, mode="clip")
        loss.forward(network.forward(network.prepare(pixels), training=True), batch_labels)
        network.backward(loss.backward(rows))
        l2.add_gradient(network.parameters, network.gradient)
        optimizer.step(network.gradient, learning_rate=0.01, step=number)

    # One number a row would be 64 kB, the logits 640 kB, a one-hot matrix of bytes 160 kB; what
    # remains are the buffers of 8,192 numbers inside NumPy, which do not depend on the batch.
    with threadpool_limits(1, user_api="blas"):  # threads waiting for each other take seconds
        assert peak_memory_of(step, steps=50) < 8_192 * 4 + 4_000


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(SGD, id="sgd"),
        pytest.param(lambda w: Momentum(w, momentum=0.9), id="momentum"),
        pytest.param(lambda w: Momentum(w, momentum=0.9, nesterov=True), id="nesterov"),
        pytest.param(RMSprop, id="rmsprop"),
        pytest.param(Adam, id="adam"),
        pytest.param(lambda w: AdamW(w, decay=0.1, is_weight=np.ones_like(w)), id="adamw"),
    ],
)
def test_optimizer_memory(make: Callable[[Array], Optimizer]) -> None:
    """An optimizer allocates nothing in its steps."""
    parameters, gradient = np.ones((2, 10_000), np.float32)
    optimizer = make(parameters)
    peak = peak_memory_of(
        lambda number: optimizer.step(gradient, learning_rate=0.01, step=number), steps=50
    )
    assert peak < 4_000  # a vector is 40 kB
