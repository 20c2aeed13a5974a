"""Safety checks of untrusted ONNX files, before a runtime loads them.

A file is measured before it is read, its fields are counted before it is parsed, nothing in it is
run, and it is compared with a list of the operators that a digit classifier needs. Its memory and
time are bounded.
"""

import math
import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import CorruptFileError, ZooError
from zoo.export import onnx_graph_cost, protobuf_fields
from zoo.export.onnx_errors import UnsafeModelError, first_line, quoted
from zoo.export.onnx_operators import OPERATORS, WINDOWED
from zoo.export.onnx_tensors import MAX_RANK, check_tensors
from zoo.files import read_bounded

if TYPE_CHECKING:
    from onnx import AttributeProto, ModelProto, NodeProto

SAFE_ONNX = (1, 21)  # before it: CVE-2026-34445, -27489, -28500
MAX_BYTES = 256_000_000  # bytes
MAX_FIELDS = 100_000  # of all messages in the file; an export of zoo has 300
MAX_PACKED_BYTES = 32_000_000  # of integers in arrays; one byte becomes up to 8
MAX_OTHER_BYTES = 16_000_000  # besides the arrays of the graph
MAX_NODES = 2_000
MAX_PAD = 1_000  # a stride, a kernel side or a padding of a convolution
OPSETS = range(7, 26)
IR_VERSIONS = range(3, 14)
STANDARD_DOMAINS = ("", "ai.onnx")
POSITIVE = {"strides", "dilations", "kernel_shape"}


def read(path: Path) -> "ModelProto":
    """Return the graph in the file at `path`; raise if it is unsafe."""
    return checked(read_bounded(path, MAX_BYTES), where=str(path))


def checked(content: bytes, *, where: str) -> "ModelProto":
    """Return the graph in these bytes; raise CorruptFileError with the reason if it is unsafe."""
    _refuse_old_onnx()
    try:
        _check_fields(content)
        proto = _parsed(content)
        _check_header(proto)
        check_tensors(proto)
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


def _check_fields(content: bytes) -> None:
    """Raise if parsing would make too many objects of the bytes, or texts that are too long."""
    from onnx import ModelProto

    count, packed, other = 0, 0, len(content)
    try:
        for field, size in protobuf_fields.fields(content, ModelProto.DESCRIPTOR):
            count += 1
            if field is not None and field.full_name == "onnx.GraphProto.initializer":
                other -= size
            if field is not None and field.type in protobuf_fields.VARINT_TYPES:
                if field.containing_type.name == "TensorProto":
                    packed += size
                else:
                    count += size
            if count > MAX_FIELDS:
                raise UnsafeModelError(f"it has more than {MAX_FIELDS:,} fields")
    except protobuf_fields.WireError:
        raise UnsafeModelError("it is damaged, or not ONNX") from None
    if packed > MAX_PACKED_BYTES:
        raise UnsafeModelError(f"it packs {packed:,} bytes of integers of variable length")
    if other > MAX_OTHER_BYTES:
        raise UnsafeModelError(f"it has {other:,} bytes besides its arrays")


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


def _check_node(node: "NodeProto") -> None:
    if node.domain not in STANDARD_DOMAINS:
        raise UnsafeModelError(
            f"its operator {quoted(node.op_type)} belongs to another domain, {quoted(node.domain)}"
        )
    if node.op_type not in OPERATORS:
        raise UnsafeModelError(f"its operator {quoted(node.op_type)} is not allowed")
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
            raise UnsafeModelError(f"its {node.op_type} has {quoted(attribute.name)} {numbers[:8]}")


def _check_ends(proto: "ModelProto") -> None:
    from onnx import TensorProto

    value = onnx_graph_cost.read_shape(proto)
    kind = value.type.tensor_type
    if kind.elem_type not in {TensorProto.UINT8, TensorProto.FLOAT}:
        raise UnsafeModelError("its input is neither uint8 nor float32")
    first, *rest = kind.shape.dim[: MAX_RANK + 1] or [None]
    if first is None or not 0 < len(rest) < MAX_RANK or any(axis.dim_value < 1 for axis in rest):
        raise UnsafeModelError("its input is not a batch of images of one size")
    if first.HasField("dim_value") and not 0 < first.dim_value <= onnx_graph_cost.MAX_ROWS:
        raise UnsafeModelError(f"its batch is {first.dim_value}")
    if math.prod(axis.dim_value for axis in rest) > onnx_graph_cost.MAX_VALUES:
        raise UnsafeModelError("its images are too large")
    if not proto.graph.output:
        raise UnsafeModelError("it does not have an output")


def _check_graph(proto: "ModelProto") -> None:
    """Check types and topological order by ONNX, then the cost of the graph."""
    from onnx import checker

    try:
        outline = onnx_graph_cost.outline(proto)
        checker.check_model(outline.SerializeToString(), full_check=True)
        graph = onnx_graph_cost.infer(proto)
    except Exception as error:  # noqa: BLE001 - onnx raises many kinds
        raise UnsafeModelError(f"ONNX's checker reports {first_line(error)!r}") from None
    onnx_graph_cost.check_cost(graph)
