"""Safety checks of untrusted ONNX files, before a runtime loads them.

A file is measured before it is read, parsed without running anything, and compared with a list of
the operators that a digit classifier needs. Their time and memory are bounded.
"""

import math
import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zoo.errors import CorruptFileError, ZooError
from zoo.files import read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

SAFE_ONNX = (1, 21)  # before it: CVE-2026-34445, -27489, -28500
MAX_BYTES = 256_000_000  # bytes
MAX_NODES = 2_000
MAX_ROWS = 256  # images per batch
MAX_VALUES = 250_000  # the limit for one intermediate array, for one image
MAX_TOTAL_VALUES = 500_000  # the limit for all intermediate arrays together
MAX_OPERATIONS = 200_000_000  # multiplications for one image
MAX_DIMENSIONS = 64_000_000  # values of one array of weights
MAX_PAD = 1_000  # a stride, a kernel side or a padding of a convolution
OPSETS = range(7, 26)
IR_VERSIONS = range(3, 14)
STANDARD_DOMAINS = ("", "ai.onnx")

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


class InferredGraph(NamedTuple):
    """The nodes of a graph, the shapes of its arrays, and the images per batch of these shapes."""

    nodes: "list[NodeProto]"
    shapes: Shapes
    rows: int


class UnsafeModelError(Exception):
    """A file that is not allowed; the message is the second half of a sentence."""


def read(path: Path) -> "ModelProto":
    """Return the graph in the file at `path`; raise if it is unsafe."""
    return checked(read_bounded(path, MAX_BYTES), where=str(path))


def checked(content: bytes, *, where: str) -> "ModelProto":
    """Return the graph in these bytes; raise CorruptFileError with the reason if it is unsafe."""
    _refuse_old_onnx()
    try:
        proto = _parsed(content)
        _check_header(proto)
        for tensor in _tensors(proto):
            _check_tensor(tensor)
        for node in proto.graph.node:
            _check_node(node)
        _check_ends(proto)
        _check_graph(proto)
    except UnsafeModelError as error:
        raise CorruptFileError(f"{where} is not an ONNX file that zoo accepts: {error}.") from None
    return proto


def _refuse_old_onnx() -> None:
    """Raise if an onnx older than required was installed by force: its parser is vulnerable."""
    version = metadata.version("onnx")
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < SAFE_ONNX:
        raise ZooError(
            f"onnx {version} is unsafe; expected 1.21 or newer.",
            hint="Run `pip install 'onnx>=1.21'`.",
        )


def _parsed(content: bytes) -> "ModelProto":
    from onnx import ModelProto

    proto = ModelProto()
    try:
        proto.ParseFromString(content)
    except Exception:  # noqa: BLE001 - protobuf raises several kinds
        raise UnsafeModelError("it is damaged, or not ONNX") from None
    if not proto.HasField("graph") or not proto.graph.node:
        raise UnsafeModelError("it does not contain a graph")
    return proto


def _check_header(proto: "ModelProto") -> None:
    if proto.ir_version not in IR_VERSIONS:
        raise UnsafeModelError(
            f"its IR version is {proto.ir_version}; expected {_span(IR_VERSIONS)}"
        )
    versions = [item.version for item in proto.opset_import if item.domain in STANDARD_DOMAINS]
    if len(versions) != 1:
        raise UnsafeModelError("it does not name exactly one opset of ONNX")
    if versions[0] not in OPSETS:
        raise UnsafeModelError(f"its opset is {versions[0]}; expected {_span(OPSETS)}")
    if proto.functions:
        raise UnsafeModelError("it defines functions")
    if proto.training_info:
        raise UnsafeModelError("it contains training information")
    if proto.graph.sparse_initializer:
        raise UnsafeModelError("it holds sparse arrays")
    if len(proto.graph.node) > MAX_NODES:
        raise UnsafeModelError(
            f"it has {len(proto.graph.node):,} nodes; at most {MAX_NODES:,} are allowed"
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
        raise UnsafeModelError(f"the array {name} is stored in another file")
    if tensor.HasField("segment"):
        raise UnsafeModelError(f"the array {name} is segmented")
    size = math.prod(tensor.dims)
    if min(tensor.dims, default=0) < 0 or size > MAX_DIMENSIONS:
        raise UnsafeModelError(f"the array {name} has the shape {list(tensor.dims)[:8]}")
    try:
        kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    except (KeyError, ValueError, TypeError):
        raise UnsafeModelError(f"the array {name} has an unknown type") from None
    if kind.kind not in "fiub" or kind.itemsize * 8 < 8:
        raise UnsafeModelError(f"the array {name} has the type {kind}; expected numbers")
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
        raise UnsafeModelError(f"the array {name} contains NaN or infinity")


def _check_node(node: "NodeProto") -> None:
    if node.domain not in STANDARD_DOMAINS:
        raise UnsafeModelError(
            f"its operator {node.op_type!r} belongs to another domain, {node.domain!r}"
        )
    if node.op_type not in OPERATORS:
        raise UnsafeModelError(f"its operator {node.op_type!r} is not allowed")
    for attribute in node.attribute:
        _check_attribute(node, attribute)


def _check_attribute(node: "NodeProto", attribute: "AttributeProto") -> None:
    if attribute.HasField("g") or attribute.graphs:
        raise UnsafeModelError(f"its operator {node.op_type!r} contains a graph")
    if attribute.ref_attr_name or attribute.HasField("tp") or attribute.type_protos:
        raise UnsafeModelError(f"its operator {node.op_type!r} refers to functions or types")
    if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
        raise UnsafeModelError("it holds sparse arrays")
    if node.op_type in WINDOWED:
        numbers = [attribute.i] if attribute.name == "group" else list(attribute.ints)
        minimum = 1 if attribute.name in {"group", *POSITIVE} else 0
        if not all(minimum <= number <= MAX_PAD for number in numbers):
            raise UnsafeModelError(f"its {node.op_type} has {attribute.name!r} {numbers[:8]}")


def read_shape(proto: "ModelProto") -> "ValueInfoProto":
    """Return the input of the graph; older files list their weights among the inputs."""
    weights = {tensor.name for tensor in proto.graph.initializer}
    inputs: list[ValueInfoProto] = [
        value for value in proto.graph.input if value.name not in weights
    ]
    if len(inputs) != 1:
        raise UnsafeModelError(f"it has {len(inputs)} inputs; expected one")
    return inputs[0]


def _check_ends(proto: "ModelProto") -> None:
    from onnx import TensorProto

    value = read_shape(proto)
    kind = value.type.tensor_type
    if kind.elem_type not in {TensorProto.UINT8, TensorProto.FLOAT}:
        raise UnsafeModelError("its input is neither uint8 nor float32")
    first, *rest = kind.shape.dim or [None]
    if first is None or not rest or any(axis.dim_value < 1 for axis in rest):
        raise UnsafeModelError("its input is not a batch of images of one size")
    if first.HasField("dim_value") and not 0 < first.dim_value <= MAX_ROWS:
        raise UnsafeModelError(f"its batch is {first.dim_value}")
    if math.prod(axis.dim_value for axis in rest) > MAX_VALUES:
        raise UnsafeModelError("its images are too large")
    if not proto.graph.output:
        raise UnsafeModelError("it does not have an output")


def _check_graph(proto: "ModelProto") -> None:
    """Check types and topological order by ONNX, then the size of every intermediate array."""
    from onnx import checker

    try:
        checker.check_model(proto.SerializeToString(), full_check=True)
        graph = infer(proto)
    except Exception as error:  # noqa: BLE001 - onnx raises many kinds
        raise UnsafeModelError(f"ONNX's checker reports {first_line(error)!r}") from None
    values = operations = 0
    for node in graph.nodes:
        for name in filter(None, node.output):
            size = math.prod(inferred_shape(graph.shapes, name))
            if size > graph.rows * MAX_VALUES:
                raise UnsafeModelError(f"its array {name!r} is too large")
            values += size
        operations += _operations(node, graph.shapes)
    if values > graph.rows * MAX_TOTAL_VALUES:
        raise UnsafeModelError(f"it computes {values // graph.rows:,} values per image")
    if operations > graph.rows * MAX_OPERATIONS:
        raise UnsafeModelError(f"it needs {operations // graph.rows:,} multiplications per image")


def infer(proto: "ModelProto") -> InferredGraph:
    """Return the graph with the shapes of its arrays, for its fixed batch or for one image."""
    from onnx import shape_inference

    copy = type(proto)()
    copy.CopyFrom(proto)
    first = read_shape(copy).type.tensor_type.shape.dim[0]
    rows = first.dim_value or 1
    first.dim_value = rows
    graph = shape_inference.infer_shapes(
        copy, check_type=True, strict_mode=True, data_prop=True
    ).graph
    shapes: Shapes = {array.name: list(array.dims) for array in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        shapes.setdefault(value.name, _shape(value))
    return InferredGraph(list(graph.node), shapes, rows)


def inferred_shape(shapes: Shapes, name: str) -> list[int]:
    """Return the shape of an array; raise if it is unknown."""
    shape = shapes.get(name)
    if shape is None:
        raise UnsafeModelError(f"the size of {name!r} is unknown")
    return shape


def _operations(node: "NodeProto", shapes: Shapes) -> int:
    """Return the number of multiplications of a node, or of additions of a window."""
    inner = 0  # operations per output value
    if node.op_type == "Conv":
        inner = math.prod(inferred_shape(shapes, node.input[1])[1:])
    elif node.op_type in {"Gemm", "MatMul"}:
        # an upper bound for any axis
        inner = max(inferred_shape(shapes, node.input[0]), default=1)
    elif windows := [item.ints for item in node.attribute if item.name == "kernel_shape"]:
        inner = math.prod(windows[0])
    return math.prod(inferred_shape(shapes, node.output[0])) * inner


def first_line(error: Exception) -> str:
    """Return the first line of a library's message, without control characters."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return "".join(char if char.isprintable() else "?" for char in line[:300])


def _shape(value: "ValueInfoProto") -> list[int] | None:
    kind = value.type.tensor_type
    if not kind.HasField("shape") or not all(axis.HasField("dim_value") for axis in kind.shape.dim):
        return None
    return [int(axis.dim_value) for axis in kind.shape.dim]
