"""What an .onnx of anybody's must pass before a runtime sees it.

It is measured before it is read, parsed without running anything, and held against a list of what a
classifier of digits may be made of. Whatever is on the list takes a bounded time and memory.
"""

import math
import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.errors import CorruptFileError, DataError, ZooError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

SAFE_ONNX = (1, 21)  # before it: CVE-2026-34445, -27489, -28500
MAX_BYTES = 256_000_000  # bytes
MAX_NODES = 2_000
MAX_ROWS = 256  # pictures at a time
MAX_VALUES = 250_000  # between two nodes, for one picture
MAX_TOTAL_VALUES = 500_000  # of them, between all nodes
MAX_OPERATIONS = 200_000_000  # multiplications for one picture
MAX_DIMENSIONS = 64_000_000  # numbers in one array of weights
MAX_PAD = 1_000  # a stride, a kernel or a border of a convolution
OPSETS = range(7, 26)
IR_VERSIONS = range(3, 14)
HOME = ("", "ai.onnx")  # both are names of ONNX's own operators

ARITHMETIC = {"Add", "Clip", "Div", "Gemm", "MatMul", "Mul", "Neg", "Sqrt", "Sub"}
ACTIVATIONS = {
    "Elu",
    "Gelu",
    "HardSigmoid",
    "LeakyRelu",
    "Relu",
    "Selu",
    "Sigmoid",
    "Softplus",
    "Tanh",
}
ACTIVATIONS |= {"Celu", "HardSwish", "Mish", "PRelu", "Softsign", "ThresholdedRelu"}
ACTIVATIONS |= {"Abs", "Cos", "Erf", "Exp", "Log", "Max", "Min", "Pow", "Reciprocal", "Sign", "Sin"}
WINDOWED = {"AveragePool", "Conv", "MaxPool"}
SHAPING = {"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
ENDS = {"ArgMax", "LogSoftmax", "Softmax"}
OTHERS = {"BatchNormalization", "Constant", "Dropout", "GlobalAveragePool"}
OTHERS |= {"ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Where"}
INT8 = {"DequantizeLinear", "QuantizeLinear"}
OPERATORS = ARITHMETIC | ACTIVATIONS | WINDOWED | SHAPING | ENDS | OTHERS | INT8
POSITIVE = {"strides", "dilations", "kernel_shape"}


Shapes = dict[str, list[int] | None]


class UnsafeModelError(Exception):
    """Why a file is not let in; the message is the end of a sentence."""


def read(path: Path) -> "ModelProto":
    """Return the graph in the file at `path`, if it is one that may be run."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CorruptFileError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # a pipe has no size, and may have no end
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise CorruptFileError(f"{path} has no end; at most {MAX_BYTES:,} bytes are read.")
    return checked(content, where=str(path))


def checked(content: bytes, *, where: str) -> "ModelProto":
    """Return the graph in these bytes, or raise a CorruptFile that says why it may not be run."""
    _refuse_old_onnx()
    try:
        proto = _parsed(content)
        _check_frame(proto)
        for tensor in _tensors(proto):
            _check_tensor(tensor)
        for node in proto.graph.node:
            _check_node(node)
        _check_ends(proto)
        _check_graph(proto)
    except UnsafeModelError as error:
        raise CorruptFileError(f"{where} is no ONNX file that zoo runs: {error}.") from None
    return proto


def _refuse_old_onnx() -> None:
    """Raise where a package older than we ask for was forced in: its reading had holes."""
    found = metadata.version("onnx")
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < SAFE_ONNX:
        raise ZooError(
            f"onnx {found} is not safe to read files with; 1.21 or newer is.",
            hint="pip install 'onnx>=1.21'",
        )


def _parsed(content: bytes) -> "ModelProto":
    from onnx import ModelProto

    proto = ModelProto()
    try:
        proto.ParseFromString(content)
    except Exception:  # noqa: BLE001 - protobuf raises several kinds
        raise UnsafeModelError("it is damaged, or no ONNX at all") from None
    if not proto.HasField("graph") or not proto.graph.node:
        raise UnsafeModelError("it holds no graph")
    return proto


def _check_frame(proto: "ModelProto") -> None:
    if proto.ir_version not in IR_VERSIONS:
        raise UnsafeModelError(
            f"its IR version is {proto.ir_version}, and {_span(IR_VERSIONS)} is read"
        )
    versions = [one.version for one in proto.opset_import if one.domain in HOME]
    if len(versions) != 1:
        raise UnsafeModelError("it does not name one version of ONNX's operators")
    if versions[0] not in OPSETS:
        raise UnsafeModelError(f"its opset is {versions[0]}, and {_span(OPSETS)} is read")
    if proto.functions:
        raise UnsafeModelError("it brings functions of its own")
    if proto.training_info:
        raise UnsafeModelError("it brings a training of its own")
    if proto.graph.sparse_initializer:
        raise UnsafeModelError("it holds sparse arrays")
    if len(proto.graph.node) > MAX_NODES:
        raise UnsafeModelError(
            f"it has {len(proto.graph.node):,} nodes; at most {MAX_NODES:,} are run"
        )


def _span(numbers: range) -> str:
    return f"{numbers.start} to {numbers.stop - 1}"


def _tensors(proto: "ModelProto") -> "Iterator[TensorProto]":
    """Yield every array in the graph and in the attributes of its nodes."""
    yield from proto.graph.initializer
    for node in proto.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _check_tensor(tensor: "TensorProto") -> None:
    from onnx import TensorProto, helper, numpy_helper

    name = repr(tensor.name)
    if tensor.data_location != TensorProto.DEFAULT or tensor.external_data:
        raise UnsafeModelError(f"the array {name} lies in another file")
    if tensor.HasField("segment"):
        raise UnsafeModelError(f"the array {name} is in pieces")
    size = math.prod(tensor.dims)
    if min(tensor.dims, default=0) < 0 or size > MAX_DIMENSIONS:
        raise UnsafeModelError(f"the array {name} has the shape {list(tensor.dims)[:8]}")
    try:
        kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    except (KeyError, ValueError, TypeError):
        raise UnsafeModelError(f"the array {name} is of no known type") from None
    if kind.kind not in "fiub" or kind.itemsize * 8 < 8:
        raise UnsafeModelError(f"the array {name} is of {kind}, not of plain numbers")
    stored = tensor.raw_data
    typed = max(len(tensor.float_data), len(tensor.int32_data), len(tensor.int64_data))
    typed = max(typed, len(tensor.double_data), len(tensor.uint64_data))
    if (len(stored) != size * kind.itemsize) if tensor.HasField("raw_data") else (typed != size):
        raise UnsafeModelError(f"the array {name} does not hold as many numbers as its shape says")
    try:
        array = numpy_helper.to_array(tensor)
    except Exception:  # noqa: BLE001 - onnx raises many kinds
        raise UnsafeModelError(f"the array {name} is damaged") from None
    if array.shape != tuple(tensor.dims):
        raise UnsafeModelError(f"the array {name} does not hold as many numbers as its shape says")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise UnsafeModelError(f"the array {name} holds numbers that are not finite")


def _check_node(node: "NodeProto") -> None:
    if node.domain not in HOME:
        raise UnsafeModelError(
            f"its operator {node.op_type!r} is of the foreign domain {node.domain!r}"
        )
    if node.op_type not in OPERATORS:
        raise UnsafeModelError(f"its operator {node.op_type!r} is none that zoo lets run")
    for attribute in node.attribute:
        _check_attribute(node, attribute)


def _check_attribute(node: "NodeProto", attribute: "AttributeProto") -> None:
    if attribute.HasField("g") or attribute.graphs:
        raise UnsafeModelError(f"its operator {node.op_type!r} holds a graph of its own")
    if attribute.ref_attr_name or attribute.HasField("tp") or attribute.type_protos:
        raise UnsafeModelError(f"its operator {node.op_type!r} speaks of functions or types")
    if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
        raise UnsafeModelError("it holds sparse arrays")
    if node.op_type in WINDOWED:
        numbers = [attribute.i] if attribute.name == "group" else list(attribute.ints)
        least = 1 if attribute.name in {"group", *POSITIVE} else 0
        if not all(least <= number <= MAX_PAD for number in numbers):
            raise UnsafeModelError(f"its {node.op_type} has {attribute.name!r} {numbers[:8]}")


def read_shape(proto: "ModelProto") -> "ValueInfoProto":
    """Return the one input that is fed; older files list their weights among the inputs."""
    held = {tensor.name for tensor in proto.graph.initializer}
    inputs: list[ValueInfoProto] = [value for value in proto.graph.input if value.name not in held]
    if len(inputs) != 1:
        raise UnsafeModelError(
            f"it has {len(inputs)} inputs, and one picture is all it would be given"
        )
    return inputs[0]


def _check_ends(proto: "ModelProto") -> None:
    from onnx import TensorProto

    value = read_shape(proto)
    kind = value.type.tensor_type
    if kind.elem_type not in {TensorProto.UINT8, TensorProto.FLOAT}:
        raise UnsafeModelError("its input is neither uint8 nor float32")
    first, *rest = kind.shape.dim or [None]
    if first is None or not rest or any(axis.dim_value < 1 for axis in rest):
        raise UnsafeModelError("its input is no batch of pictures of one size")
    if first.HasField("dim_value") and not 0 < first.dim_value <= MAX_ROWS:
        raise UnsafeModelError(f"its batch is {first.dim_value}")
    if math.prod(axis.dim_value for axis in rest) > MAX_VALUES:
        raise UnsafeModelError("its pictures are too large")
    if not proto.graph.output:
        raise UnsafeModelError("it has no output")


def _check_graph(proto: "ModelProto") -> None:
    """Let ONNX check types and order (a cycle has none), then bound every array in between."""
    from onnx import checker, shape_inference

    alone = type(proto)()
    alone.CopyFrom(proto)
    first = read_shape(alone).type.tensor_type.shape.dim[0]
    rows = first.dim_value or 1
    first.dim_value = rows
    try:
        checker.check_model(proto.SerializeToString(), full_check=True)
        known = shape_inference.infer_shapes(
            alone, check_type=True, strict_mode=True, data_prop=True
        )
    except Exception as error:  # noqa: BLE001 - onnx raises many kinds
        raise UnsafeModelError(f"ONNX's checker says {first_line(error)!r}") from None
    shapes: Shapes = {one.name: list(one.dims) for one in known.graph.initializer}
    for value in (*known.graph.input, *known.graph.value_info, *known.graph.output):
        shapes.setdefault(value.name, _shape(value))
    values = work = 0
    for node in known.graph.node:
        for name in filter(None, node.output):
            size = math.prod(_known(shapes, name))
            if size > rows * MAX_VALUES:
                raise UnsafeModelError(f"{name!r} becomes too large")
            values += size
        work += _work(node, shapes)
    if values > rows * MAX_TOTAL_VALUES:
        raise UnsafeModelError(f"it makes {values // rows:,} numbers of a picture")
    if work > rows * MAX_OPERATIONS:
        raise UnsafeModelError(f"it makes {work // rows:,} multiplications for a picture")


def _known(shapes: Shapes, name: str) -> list[int]:
    shape = shapes.get(name)
    if shape is None:
        raise UnsafeModelError(f"nobody knows how large {name!r} becomes")
    return shape


def _work(node: "NodeProto", shapes: Shapes) -> int:
    """Return how many multiplications a node makes, or additions of a window."""
    inner = 0  # for each number that comes out
    if node.op_type == "Conv":
        inner = math.prod(_known(shapes, node.input[1])[1:])
    elif node.op_type in {"Gemm", "MatMul"}:
        inner = max(_known(shapes, node.input[0]), default=1)  # whichever axis it is
    elif windows := [one.ints for one in node.attribute if one.name == "kernel_shape"]:
        inner = math.prod(windows[0])
    return math.prod(_known(shapes, node.output[0])) * inner


def first_line(error: Exception) -> str:
    """Return the first line of what a foreign library says, without what moves a terminal."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return "".join(letter if letter.isprintable() else "?" for letter in line[:300])


def _shape(value: "ValueInfoProto") -> list[int] | None:
    kind = value.type.tensor_type
    if not kind.HasField("shape") or not all(axis.HasField("dim_value") for axis in kind.shape.dim):
        return None
    return [int(axis.dim_value) for axis in kind.shape.dim]
