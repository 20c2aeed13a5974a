"""The memory and the time that an ONNX graph needs for one image, from the shapes of its arrays."""

import math
from typing import TYPE_CHECKING, NamedTuple

from zoo.export.onnx_errors import UnsafeModelError, quoted

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, ValueInfoProto

MAX_ROWS = 256  # images per batch
MAX_VALUES = 250_000  # the limit for one intermediate array, for one image
MAX_TOTAL_VALUES = 500_000  # the limit for all intermediate arrays together
MAX_BATCH_VALUES = 32_000_000  # the same for all images of a batch; 128 MB
MAX_OPERATIONS = 200_000_000  # for one image
MAX_WEIGHTS = 64_000_000  # float ones that are made of int8 ones; 256 MB
MAX_OPERAND = 1_000  # values of an array that determines a shape

Shapes = dict[str, list[int] | None]


class InferredGraph(NamedTuple):
    """The nodes of a graph, the shapes of its arrays, and the images per batch of these shapes."""

    nodes: "list[NodeProto]"
    shapes: Shapes
    rows: int
    weights: frozenset[str]  # the names of the arrays in the file

    def computes_weights(self, node: "NodeProto") -> bool:
        """Return whether a node makes float weights of int8 ones, once and not for each image."""
        return node.op_type == "DequantizeLinear" and node.input[0] in self.weights


def check_cost(graph: InferredGraph) -> None:
    """Raise if the arrays of a graph need too much memory, or its nodes too much time."""
    values = operations = weights = 0
    for node in graph.nodes:
        size = sum(math.prod(inferred_shape(graph, name)) for name in filter(None, node.output))
        operations += _operations(node, graph)
        if graph.computes_weights(node):
            weights += size
        elif size > graph.rows * MAX_VALUES:
            raise UnsafeModelError(f"its array {quoted(node.output[0])} is too large")
        else:
            values += size
    if weights > MAX_WEIGHTS:
        raise UnsafeModelError(f"its int8 weights become {weights:,} numbers")
    if values > graph.rows * MAX_TOTAL_VALUES:
        raise UnsafeModelError(f"it computes {values // graph.rows:,} values per image")
    if values > MAX_BATCH_VALUES:
        raise UnsafeModelError(f"it computes {values:,} values for its batch of {graph.rows}")
    if operations > graph.rows * MAX_OPERATIONS:
        raise UnsafeModelError(f"it needs {operations // graph.rows:,} operations per image")


def max_rows(graph: InferredGraph) -> int:
    """Return how many images a runtime may get at once."""
    values = sum(
        math.prod(inferred_shape(graph, name))
        for node in graph.nodes
        if not graph.computes_weights(node)
        for name in filter(None, node.output)
    )
    return min(MAX_ROWS, MAX_BATCH_VALUES * graph.rows // max(values, 1))


def read_shape(proto: "ModelProto") -> "ValueInfoProto":
    """Return the input of the graph; older files list their weights among the inputs."""
    weights = {tensor.name for tensor in proto.graph.initializer}
    inputs: list[ValueInfoProto] = [
        value for value in proto.graph.input if value.name not in weights
    ]
    if len(inputs) != 1:
        raise UnsafeModelError(f"it has {len(inputs)} inputs; expected one")
    return inputs[0]


def infer(proto: "ModelProto") -> InferredGraph:
    """Return the graph with the shapes of its arrays, for its fixed batch or for one image."""
    from onnx import shape_inference

    copy = outline(proto)
    feed = read_shape(proto).name
    first = next(value for value in copy.graph.input if value.name == feed)
    axis = first.type.tensor_type.shape.dim[0]
    rows = axis.dim_value or 1
    axis.dim_value = rows
    graph = shape_inference.infer_shapes(
        copy, check_type=True, strict_mode=True, data_prop=True
    ).graph
    shapes: Shapes = {array.name: list(array.dims) for array in proto.graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        shapes.setdefault(value.name, _shape(value))
    weights = frozenset(array.name for array in proto.graph.initializer)
    return InferredGraph(list(graph.node), shapes, rows, weights)


def outline(proto: "ModelProto") -> "ModelProto":
    """Return the graph with its large arrays as inputs: the shapes depend on none of their values.

    ONNX copies a graph several times to infer its shapes.
    """
    from onnx import helper

    copy = type(proto)(ir_version=proto.ir_version, opset_import=proto.opset_import)
    copy.graph.name = proto.graph.name
    for field in ("node", "output", "value_info"):
        getattr(copy.graph, field).extend(getattr(proto.graph, field))
    large = {}
    for tensor in proto.graph.initializer:
        if math.prod(tensor.dims) > MAX_OPERAND:
            large[tensor.name] = tensor
        else:
            copy.graph.initializer.append(tensor)
    copy.graph.input.extend(value for value in proto.graph.input if value.name not in large)
    copy.graph.input.extend(
        helper.make_tensor_value_info(name, tensor.data_type, tensor.dims)
        for name, tensor in large.items()
    )
    return copy


def inferred_shape(graph: InferredGraph, name: str) -> list[int]:
    """Return the shape of an array; raise if it is unknown."""
    shape = graph.shapes.get(name)
    if shape is None:
        raise UnsafeModelError(f"the size of {quoted(name)} is unknown")
    return shape


def _operations(node: "NodeProto", graph: InferredGraph) -> int:
    """Return the number of multiplications, or of values that are read, of a node."""
    size: int = math.prod(inferred_shape(graph, node.output[0]))
    if node.op_type == "Conv":
        return size * math.prod(inferred_shape(graph, node.input[1])[1:])
    if node.op_type in {"Gemm", "MatMul"}:
        # an upper bound for any axis
        return size * max(inferred_shape(graph, node.input[0]), default=1)
    if windows := [item.ints for item in node.attribute if item.name == "kernel_shape"]:
        return size * int(math.prod(windows[0]))
    # The others go through each input, which is repeated up to the size of the output.
    sizes = [math.prod(inferred_shape(graph, name)) for name in filter(None, node.input)]
    return len(sizes) * max(size, *sizes, 1)


def _shape(value: "ValueInfoProto") -> list[int] | None:
    kind = value.type.tensor_type
    if not kind.HasField("shape") or not all(axis.HasField("dim_value") for axis in kind.shape.dim):
        return None
    return [int(axis.dim_value) for axis in kind.shape.dim]
