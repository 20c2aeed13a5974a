"""Reading ONNX files of unknown origin."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx  # every test here makes or spoils a graph, and zoo reads it by onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.models import DEEP, MNIST, random_model
from tests.helpers.unix import unix_only
from zoo.data.dataset import Bytes
from zoo.data.digits import load_digits
from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.export import onnx_graph, onnx_graph_cost, onnx_safety
from zoo.export.onnx_model import OnnxModel, RuntimeName, as_onnx, open_onnx
from zoo.export.options import ExportOptions
from zoo.export.sample_inputs import enlarged
from zoo.inference import load
from zoo.nn.losses import softmax
from zoo.training import model, weights


@cache
def digits() -> Bytes:
    return load_digits().train.images


@cache
def deep_model() -> model.Model:
    """Return a model with every kind of layer."""
    return random_model({**DEEP, "network.hidden": [5]})


@cache
def exported() -> bytes:
    return onnx_graph.to_onnx(deep_model())


@cache
def originals() -> tuple[bytes, bytes, bytes]:
    """Return an export, one without its metadata, and a foreign convolution."""
    return exported(), without_metadata().SerializeToString(), convolution().SerializeToString()


def without_metadata() -> onnx.ModelProto:
    """Return an export without its metadata, as another program might write it."""
    proto = onnx.load_model_from_string(exported())
    del proto.metadata_props[:]
    return proto


def opened(
    tmp_path: Path, proto: onnx.ModelProto | bytes, runtime: RuntimeName = "onnx"
) -> OnnxModel:
    path = tmp_path / "theirs.onnx"
    path.write_bytes(proto if isinstance(proto, bytes) else proto.SerializeToString())
    return open_onnx(path, runtime=runtime)


@pytest.mark.parametrize("runtime", ["onnx", "numpy"])
@pytest.mark.parametrize(
    "form",
    [
        ExportOptions(),
        ExportOptions(input="pixels"),
        ExportOptions(13),
        ExportOptions(21, int8=True),
    ],
)
def test_onnx_read_export(tmp_path: Path, runtime: RuntimeName, form: ExportOptions) -> None:
    """An export has the logits and the metadata of its network."""
    path = tmp_path / "mine.onnx"
    path.write_bytes(onnx_graph.to_onnx(deep_model(), form))
    read = open_onnx(path, runtime=runtime)
    known = (
        deep_model().facts.model_copy(update={"scores": {}}) if form.int8 else deep_model().facts
    )
    assert (read.name, read.facts, read.source) == ("mine", known, deep_model().source)
    found = read.logits(digits())
    np.testing.assert_allclose(
        found, deep_model().logits(digits()), atol=0.05 if form.int8 else 1e-5
    )
    assert read.logits(digits()[:0]).shape == (0, 10)


def test_onnx_of_a_model_in_memory() -> None:
    read = as_onnx(deep_model())
    assert (read.name, read.facts) == ("a-model", deep_model().facts)
    np.testing.assert_allclose(read.logits(digits()), deep_model().logits(digits()), atol=1e-5)


def test_onnx_read_probabilities(tmp_path: Path) -> None:
    """Without logits, the logarithms of the probabilities replace them."""
    path = tmp_path / "mine.onnx"
    path.write_bytes(onnx_graph.to_onnx(deep_model(), ExportOptions(outputs=("probabilities",))))
    probabilities = np.exp(open_onnx(path).logits(digits()))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(
        probabilities.argmax(axis=1), deep_model().logits(digits()).argmax(axis=1)
    )


def test_onnx_read_foreign_file(
    tmp_path: Path,
) -> None:
    """A foreign file does not have metadata; the shape of its input determines the data."""
    path = tmp_path / "theirs.onnx"
    path.write_bytes(without_metadata().SerializeToString())
    read = open_onnx(path)
    assert read.facts is None
    assert read.source.name == "digits"
    np.testing.assert_allclose(read.logits(digits()), deep_model().logits(digits()), atol=1e-5)


def convolution(*, batch: int | str = 1, shape: tuple[int, ...] = (1, 28, 28)) -> onnx.ModelProto:
    """Return a small convolution with its weights listed as inputs, and a fixed batch."""
    rng = np.random.default_rng(3)
    arrays: dict[str, npt.NDArray[Any]] = {
        "kernel": rng.normal(size=(2, 1, 5, 5)).astype(np.float32),
        "sizes": np.array([-1, 288], np.int64),
        "dense": rng.normal(size=(288, 10)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["in", "kernel"], ["a"], kernel_shape=[5, 5], strides=[1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Reshape", ["c", "sizes"], ["d"]),
        helper.make_node("MatMul", ["d", "dense"], ["out"]),
    ]
    made = helper.make_graph(
        nodes,
        "theirs",
        [
            helper.make_tensor_value_info("in", TensorProto.FLOAT, [batch, *shape]),
            helper.make_tensor_value_info("dense", TensorProto.FLOAT, [288, 10]),
        ],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [batch, 10])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


@pytest.mark.parametrize("batch", [1, 4, "batch"])
def test_onnx_read_fixed_batch(tmp_path: Path, batch: int | str) -> None:
    path = tmp_path / "theirs.onnx"
    onnx.save(convolution(batch=batch), path)
    images = enlarged()[:6]
    whole = open_onnx(path).logits(images)
    single = np.concatenate(
        [open_onnx(path, runtime="numpy").logits(images[i : i + 1]) for i in range(6)]
    )
    assert open_onnx(path).source.name == "mnist"
    np.testing.assert_allclose(whole, single, rtol=1e-4)


@pytest.mark.parametrize("operator", ["Identity", "Flatten"])
def test_onnx_read_probabilities_behind_a_node(tmp_path: Path, operator: str) -> None:
    proto = onnx.load_model_from_string(
        onnx_graph.to_onnx(deep_model(), ExportOptions(outputs=("probabilities",)))
    )
    del proto.metadata_props[:]
    proto.graph.node.append(helper.make_node(operator, ["probabilities"], ["same"]))
    proto.graph.output[0].name = "same"
    read = opened(tmp_path, proto)
    assert not read.gives_logits
    np.testing.assert_allclose(
        softmax(read.logits(digits())), softmax(deep_model().logits(digits())), atol=1e-5
    )


def activation_chain(nodes: int, *, width: int) -> onnx.ModelProto:
    """Return a chain of activations of this width, between two matrix products."""
    rng = np.random.default_rng(3)
    up, down = rng.normal(size=(64, width)), rng.normal(size=(width, 10))
    row = [helper.make_node("MatMul", ["in", "up"], ["x0"])]
    row += [helper.make_node("Relu", [f"x{n}"], [f"x{n + 1}"]) for n in range(nodes)]
    row.append(helper.make_node("MatMul", [f"x{nodes}", "down"], ["out"]))
    made = helper.make_graph(
        row,
        "theirs",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, ["N", 64])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["N", 10])],
        [
            numpy_helper.from_array(up.astype(np.float32), "up"),
            numpy_helper.from_array(down.astype(np.float32), "down"),
        ],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def test_onnx_sum_of_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is on all arrays together, here 5,000 numbers, and 2,500 in each."""
    monkeypatch.setattr(onnx_graph_cost, "MAX_VALUES", 2_500)
    monkeypatch.setattr(onnx_graph_cost, "MAX_TOTAL_VALUES", 5_000)
    opened(tmp_path, activation_chain(4, width=900))
    with pytest.raises(CorruptFileError, match="it computes 5,410 values per image"):
        opened(tmp_path, activation_chain(5, width=900))


def test_onnx_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A product of 64 by 1000 and of 1000 by 10, and a Relu of 1000 values."""
    monkeypatch.setattr(onnx_graph_cost, "MAX_OPERATIONS", 75 * 1000)
    opened(tmp_path, activation_chain(1, width=1000))
    with pytest.raises(CorruptFileError, match="it needs 75,075 operations per image"):
        opened(tmp_path, activation_chain(1, width=1001))


def test_onnx_product_of_vectors(tmp_path: Path) -> None:
    proto = activation_chain(1, width=1000)
    proto.graph.initializer.append(numpy_helper.from_array(np.ones(3, np.float32), "a"))
    proto.graph.node.append(helper.make_node("MatMul", ["a", "a"], ["three"]))
    proto.graph.node.append(helper.make_node("Mul", ["out", "three"], ["last"]))
    proto.graph.output[0].name = "last"
    opened(tmp_path, proto)


def test_onnx_constant_output(tmp_path: Path) -> None:
    proto = without_metadata()
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 10), np.float32), "cst"))
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("cst", TensorProto.FLOAT, [1, 10]))
    with pytest.raises(CorruptFileError):
        opened(tmp_path, proto)


def test_onnx_package_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _name: "1.20.1")
    with pytest.raises(ZooError, match=r"onnx 1\.20\.1 is unsafe; expected 1\.21 or newer"):
        opened(tmp_path, without_metadata())


def array_of(proto: onnx.ModelProto, name: str = "W1") -> onnx.TensorProto:
    found: dict[str, onnx.TensorProto] = {one.name: one for one in proto.graph.initializer}
    return found[name]


def external(proto: onnx.ModelProto) -> None:
    tensor = array_of(proto)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../../etc/passwd"), ("length", str(10**15))):
        tensor.external_data.add(key=key, value=value)
    tensor.ClearField("raw_data")


def external_in_an_attribute(proto: onnx.ModelProto) -> None:
    value = numpy_helper.from_array(np.ones(3))
    node = helper.make_node("Constant", [], ["c"], value=value)
    node.attribute[0].t.external_data.add(key="location", value="/etc/passwd")
    proto.graph.node.append(node)


def petabyte(proto: onnx.ModelProto) -> None:
    array_of(proto).dims[:] = [2**31, 2**31]


def two_gigabytes(proto: onnx.ModelProto) -> None:
    array_of(proto).dims[:] = [512, 1024, 1024]


def negative(proto: onnx.ModelProto) -> None:
    array_of(proto).dims[:] = [-5, -64]


def short(proto: onnx.ModelProto) -> None:
    array_of(proto).raw_data = array_of(proto).raw_data[:-4]


def infinite(proto: onnx.ModelProto) -> None:
    array = numpy_helper.to_array(array_of(proto)).copy()
    array[0, 0] = np.inf
    array_of(proto).raw_data = array.tobytes()


def words(proto: onnx.ModelProto) -> None:
    array_of(proto).data_type = TensorProto.STRING


def add_texts(proto: onnx.ModelProto, texts: list[bytes]) -> onnx.TensorProto:
    """Add an array of texts."""
    added: onnx.TensorProto = proto.graph.initializer.add(
        name="names", data_type=TensorProto.STRING
    )
    added.dims.append(len(texts))
    added.string_data.extend(texts)
    return added


def texts_and_bytes(proto: onnx.ModelProto) -> None:
    add_texts(proto, [b"a", b"b"]).raw_data = b"ab"


def many_texts(proto: onnx.ModelProto) -> None:
    add_texts(proto, [b"a"] * 5_001)


def long_text(proto: onnx.ModelProto) -> None:
    add_texts(proto, [b"a" * 1_001])


def untyped(proto: onnx.ModelProto) -> None:
    array_of(proto).data_type = 99


def in_pieces(proto: onnx.ModelProto) -> None:
    array_of(proto).segment.begin = 1


def condition(proto: onnx.ModelProto) -> None:
    proto.graph.node.append(helper.make_node("If", ["c"], ["d"]))


def graph_in_an_operator(proto: onnx.ModelProto) -> None:
    inner = helper.make_graph([], "inner", [], [])
    proto.graph.node.append(helper.make_node("Relu", ["logits"], ["d"], body=inner))


def function(proto: onnx.ModelProto) -> None:
    proto.functions.add(name="Relu")


def training(proto: onnx.ModelProto) -> None:
    proto.training_info.add()


def sparse(proto: onnx.ModelProto) -> None:
    proto.graph.sparse_initializer.add()


def foreign(proto: onnx.ModelProto) -> None:
    proto.opset_import.add(domain="com.microsoft", version=1)
    proto.graph.node[4].domain = "com.microsoft"


def opset_999(proto: onnx.ModelProto) -> None:
    proto.opset_import[0].version = 999


def two_opsets(proto: onnx.ModelProto) -> None:
    proto.opset_import.add(domain="", version=13)


def ir_99(proto: onnx.ModelProto) -> None:
    proto.ir_version = 99


def many(proto: onnx.ModelProto) -> None:
    nodes = [helper.make_node("Relu", ["logits"], [f"r{n}"]) for n in range(2_000)]
    proto.graph.node.extend(nodes)


def cycle(proto: onnx.ModelProto) -> None:
    gemm = next(node for node in proto.graph.node if node.name == "fc1")
    gemm.input[0] = "leaky_relu1"


def unknown_input(proto: onnx.ModelProto) -> None:
    proto.graph.node[0].input[0] = "nowhere"


def two_inputs(proto: onnx.ModelProto) -> None:
    proto.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def doubles(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE


def flat(proto: onnx.ModelProto) -> None:
    del proto.graph.input[0].type.tensor_type.shape.dim[1:]


def any_size(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "rows"


def too_many_at_once(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 10**9


def other_size(proto: onnx.ModelProto) -> None:
    shape = proto.graph.input[0].type.tensor_type.shape
    shape.dim[1].dim_value, shape.dim[2].dim_value = 4, 16


def explosion(proto: onnx.ModelProto) -> None:
    for number, sizes in enumerate(([-1, 64, 1], [-1, 1, 64])):
        array = numpy_helper.from_array(np.array(sizes, np.int64), f"sizes{number}")
        proto.graph.initializer.append(array)
    nodes = [
        helper.make_node("Reshape", ["flatten", "sizes0"], ["e0"]),
        helper.make_node("Reshape", ["flatten", "sizes1"], ["e1"]),
        helper.make_node("Mul", ["e0", "e1"], ["e2"]),
        helper.make_node("Unsqueeze", ["e2", "axis"], ["e3"]),
        helper.make_node("Mul", ["e3", "wide"], ["e4"]),
    ]
    wide = np.ones((1, 64, 1, 1), np.float32)
    proto.graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "axis"))
    proto.graph.initializer.append(numpy_helper.from_array(wide, "wide"))
    proto.graph.node.extend(nodes)


def no_answer(proto: onnx.ModelProto) -> None:
    proto.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("flatten", TensorProto.FLOAT, ["N", 64])
    )
    del proto.graph.output[1]


def no_output(proto: onnx.ModelProto) -> None:
    del proto.graph.output[:]


def bare(proto: onnx.ModelProto) -> None:
    proto.ClearField("graph")


REFUSED = [
    (external, "the array 'W1' is stored in another file"),
    (external_in_an_attribute, "is stored in another file"),
    (petabyte, r"the array 'W1' has the shape \[2147483648, 2147483648\]"),
    (two_gigabytes, r"the array 'W1' has the shape \[512, 1024, 1024\]"),
    (negative, r"the array 'W1' has the shape \[-5, -64\]"),
    (short, "the array 'W1' does not hold as many numbers as its shape says"),
    (infinite, "the array 'W1' contains NaN or infinity"),
    (words, "the array 'W1' does not hold as many texts as its shape says"),
    (texts_and_bytes, "the array 'names' does not hold as many texts as its shape says"),
    (many_texts, "the array 'names' has too many texts, or one that is too long"),
    (long_text, "the array 'names' has too many texts, or one that is too long"),
    (untyped, "the array 'W1' has an unknown type"),
    (in_pieces, "the array 'W1' is segmented"),
    (condition, "its operator 'If' is not allowed"),
    (graph_in_an_operator, "its operator 'Relu' contains a graph"),
    (function, "it defines functions"),
    (training, "it contains training information"),
    (sparse, "it holds sparse arrays"),
    (foreign, "belongs to another domain, 'com.microsoft'"),
    (opset_999, "its opset is 999; expected 7 to 25"),
    (two_opsets, "it does not name exactly one opset of ONNX"),
    (ir_99, "its IR version is 99; expected 3 to 13"),
    (many, "nodes; at most 2,000 are allowed"),
    (cycle, "ONNX's checker reports"),
    (unknown_input, "ONNX's checker reports"),
    (two_inputs, "it has 2 inputs; expected one"),
    (doubles, "its input is neither uint8 nor float32"),
    (flat, "its input is not a batch of images of one size"),
    (any_size, "its input is not a batch of images of one size"),
    (too_many_at_once, "its batch is 1000000000"),
    (other_size, "takes inputs of 4 x 16; expected 8 x 8 or 28 x 28"),
    (explosion, "its array 'e4' is too large"),
    (no_answer, "does not have an output of 10 classes"),
    (no_output, "it does not have an output"),
    (bare, "it does not contain a graph"),
]


@pytest.mark.parametrize(
    ("spoil", "message"), REFUSED, ids=[spoil.__name__ for spoil, _ in REFUSED]
)
def test_onnx_unsafe(
    tmp_path: Path, spoil: Callable[[onnx.ModelProto], None], message: str
) -> None:
    proto = without_metadata()
    spoil(proto)
    with pytest.raises(CorruptFileError, match=message) as caught:
        opened(tmp_path, proto)
    assert caught.value.exit_code == 5
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "numbers"), [("strides", [0, 1]), ("dilations", [1, 0]), ("pads", [10**6] * 4)]
)
def test_onnx_convolution_window(tmp_path: Path, name: str, numbers: list[int]) -> None:
    proto = convolution()
    node = proto.graph.node[0]
    kept = [attribute for attribute in node.attribute if attribute.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute(name, numbers)])
    with pytest.raises(CorruptFileError, match=f"its Conv has '{name}'"):
        opened(tmp_path, proto)


def test_onnx_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is measured before it is read."""
    monkeypatch.setattr(onnx_safety, "MAX_BYTES", 1000)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was read"))
    path = tmp_path / "large.onnx"
    with open(path, "wb") as file:  # noqa: PTH123 - Path's own is watched
        file.write(bytes(1001))
    with pytest.raises(CorruptFileError, match="has more than 1,000 bytes, which is the maximum"):
        open_onnx(path)


@unix_only
def test_onnx_file_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_safety, "MAX_BYTES", 1000)
    with pytest.raises(CorruptFileError, match="has more than 1,000 bytes, which is the maximum"):
        onnx_safety.read(Path("/dev/zero"))


def test_onnx_file_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.onnx does not exist\."):
        open_onnx(tmp_path / "none.onnx")


def changed(change: Callable[[onnx.ModelProto], None]) -> bytes:
    proto = onnx.load_model_from_string(exported())
    change(proto)
    return bytes(proto.SerializeToString())


def one_bit(proto: onnx.ModelProto) -> None:
    tensor = array_of(proto)
    tensor.raw_data = bytes([tensor.raw_data[0] ^ 1]) + tensor.raw_data[1:]


def other_accuracy(proto: onnx.ModelProto) -> None:
    next(line for line in proto.metadata_props if line.key == "accuracy").value = "0.999"


def other_leak(proto: onnx.ModelProto) -> None:
    next(node for node in proto.graph.node if node.op_type == "LeakyRelu").attribute[0].f = 0.2


def extra_property(proto: onnx.ModelProto) -> None:
    proto.metadata_props.add(key="more", value="words")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (one_bit, "does not contain the weights that were exported"),
        (other_accuracy, "was modified after its export"),
        (other_leak, "was modified after its export"),
        (extra_property, "was modified after its export"),
    ],
)
def test_onnx_changed_export(
    tmp_path: Path, change: Callable[[onnx.ModelProto], None], message: str
) -> None:
    with pytest.raises(CorruptFileError, match=message):
        opened(tmp_path, changed(change))


@pytest.mark.parametrize("key", ["config", "facts"])
def test_onnx_deeply_nested_metadata(tmp_path: Path, key: str) -> None:
    """The checksum is right, for anybody can write it."""

    def nested(proto: onnx.ModelProto) -> None:
        del proto.metadata_props[-1]
        next(line for line in proto.metadata_props if line.key == key).value = "[" * 100_000
        digest = hashlib.sha256(proto.SerializeToString(deterministic=True)).hexdigest()
        proto.metadata_props.add(key="sha256", value=digest)

    with pytest.raises(CorruptFileError, match="has invalid metadata"):
        opened(tmp_path, changed(nested))


def assert_safe(content: bytes, folder: Path) -> None:
    """Assert that the bytes are a model that predicts, or are refused with CorruptFileError."""
    path = folder / "changed.onnx"
    path.write_bytes(content)
    try:
        read = open_onnx(path)
        images = digits() if read.source.name == "digits" else enlarged()
        assert np.isfinite(read.logits(images[:3])).all()
    except CorruptFileError:
        return


@given(
    number=st.integers(0, 2),
    place=st.floats(0, 1, exclude_max=True),
    flip=st.integers(1, 255),
)
def test_onnx_flipped_byte(
    tmp_path_factory: pytest.TempPathFactory, number: int, place: float, flip: int
) -> None:
    content = bytearray(originals()[number])
    content[int(place * len(content))] ^= flip
    assert_safe(bytes(content), tmp_path_factory.getbasetemp())


@given(number=st.integers(0, 1), length=st.floats(0, 1, exclude_max=True))
def test_onnx_truncated(
    tmp_path_factory: pytest.TempPathFactory, number: int, length: float
) -> None:
    original = originals()[number]
    assert_safe(original[: int(length * len(original))], tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("name", [b"W1", b"image", b"logits", b"Gemm", b"leaky_relu1"])
def test_onnx_name_not_utf8(tmp_path: Path, name: bytes) -> None:
    for content in originals()[:2]:
        assert_safe(content.replace(name, b"\xff" + name[1:]), tmp_path)


@given(content=st.binary(max_size=300))
def test_onnx_random_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    assert_safe(content, tmp_path_factory.getbasetemp())


def test_answers_runtime(tmp_path: Path) -> None:
    """The requested runtime predicts, for weights and for a graph."""
    file, saved = tmp_path / "net.safetensors", tmp_path / "net.onnx"
    weights.write(file, deep_model().network, deep_model().facts)
    saved.write_bytes(exported())
    expected = deep_model().logits(digits())
    core = load.find(str(file), runs=tmp_path)
    assert isinstance(core, model.Model)
    np.testing.assert_array_equal(core.logits(digits()), expected)
    for word, runtime in (
        (file, "onnx"),
        (saved, None),
        (saved, "onnx"),
        (saved, "numpy"),
    ):
        found = load.find(str(word), runs=tmp_path, runtime=runtime)  # type: ignore[arg-type]
        assert not isinstance(found, model.Model)
        assert (found.name, found.facts) == ("net", deep_model().facts)
        np.testing.assert_allclose(found.logits(digits()), expected, atol=1e-5)


def test_answers_find_model_of_a_graph(tmp_path: Path) -> None:
    """A graph cannot be converted back to a network."""
    with pytest.raises(ConfigError, match="zoo cannot recover the network from it"):
        load.find_model("some.onnx", runs=tmp_path)


def test_onnx_read_mnist(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx_graph.to_onnx(random_model(MNIST)))
    assert open_onnx(path).source.name == "mnist"
