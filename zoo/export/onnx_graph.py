"""A model as an ONNX graph from raw pixels to probabilities, with fixed names.

The input of a table model is `rows`, (N, columns) float32, without a cast; where the training put
means in place of missing numbers, so does the graph.

image (N, 28, 28) uint8 - cast - flatten - divide - fc1 - relu1 - fc2 -> logits
                                                           softmax -> probabilities
"""

from typing import TYPE_CHECKING

import numpy as np

from zoo import __version__
from zoo.config.layers import LeakyRelu
from zoo.errors import ConfigError
from zoo.export import folding, metadata
from zoo.export.folding import (
    ActivationStep,
    AffineStep,
    DenseStep,
    PluginStep,
    StandardizeStep,
)
from zoo.export.graph_builder import Attributes, GraphBuilder, NodeWriter, Tensors
from zoo.export.onnx_operators import OPERATORS
from zoo.export.options import ExportOptions
from zoo.training.model import Model

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

# Beyond ±20 tanh is ±1 to the last bit; beyond 44 OpenCV 5 returns NaN.
TANH_RANGE: Tensors = {"tanh_from": np.array(-20, np.float32), "tanh_to": np.array(20, np.float32)}
# OpenVINO would compute factor * x - factor * mean, which for a time in seconds is 0.0001 away in a
# probability; it does not look through a Clip, which changes nothing.
LARGEST = np.finfo(np.float32).max
FLOAT_RANGE: Tensors = {"lowest": np.array(-LARGEST), "largest": np.array(LARGEST)}


def to_onnx(model: Model, options: ExportOptions | None = None) -> bytes:
    """Return the content of an .onnx file; the same weights give the same bytes."""
    return bytes(build(model, options or ExportOptions()).SerializeToString(deterministic=True))


def build(model: Model, options: ExportOptions) -> "ModelProto":
    """Return the model as a ModelProto."""
    from onnx import helper, numpy_helper

    graph = _graph(model, options)
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            model.entry.name,
            [_input(model, options)],
            _outputs(model, options),
            [numpy_helper.from_array(array, name) for name, array in graph.tensors.items()],
            doc_string=metadata.input_description(model.source, options),
        ),
        ir_version=options.ir_version,
        opset_imports=[helper.make_opsetid("", options.opset)],
        producer_name=metadata.PRODUCER,
        producer_version=__version__,
        domain=metadata.DOMAIN,
        doc_string=metadata.input_description(model.source, options),
    )
    metadata.attach(proto, model, options)
    return proto


def tensors(model: Model, options: ExportOptions) -> Tensors:
    """Return the arrays in the graph by name."""
    return _graph(model, options).tensors


def _graph(model: Model, options: ExportOptions) -> GraphBuilder:
    graph = GraphBuilder(options.input_name(model.source))
    _add_means(graph, model)
    _add_scaling(graph, model, options)
    steps = folding.inference_steps(model)
    counts: dict[str, int] = {}
    for step in steps:
        name, operator, attributes = _operator(step)
        number = counts[name] = counts.get(name, 0) + 1
        match step:
            case DenseStep():
                graph.add_dense(step, number, last=step is steps[-1], int8=options.int8)
            case AffineStep(factor, addend):
                graph.add("Mul", f"stretch{number}", {f"factor{number}": factor})
                graph.add("Add", f"shift{number}", {f"addend{number}": addend})
            case StandardizeStep(mean, factor):
                graph.add("Sub", "centre", {"mean": mean})
                graph.add("Clip", "differences", FLOAT_RANGE)
                graph.add("Mul", "standardize", {"factor": factor})
            case ActivationStep():
                if operator == "Tanh":
                    graph.add("Clip", f"clip{number}", TANH_RANGE)
                graph.add(operator, f"{name}{number}", attributes=attributes)
            case PluginStep():
                graph.output = _add_plugin_nodes(
                    graph, step, NodeWriter(graph, f"{name}{number}", opset=options.opset)
                )
    _add_outputs(graph, model, options)
    return graph


def _add_outputs(graph: GraphBuilder, model: Model, options: ExportOptions) -> None:
    """Append what is computed of the logits."""
    if "probabilities" in options.outputs:
        graph.add_node("Softmax", "softmax", ["logits"], "probabilities", {"axis": 1})
    if {"label", "class"} & set(options.outputs):
        graph.add_node("ArgMax", "argmax", ["logits"], "label", {"axis": 1, "keepdims": 0})
    if "class" in options.outputs:
        graph.tensors["classes"] = np.array(model.source.names, object)
        graph.add_node("Gather", "name", ["classes", "label"], "class")


def _add_means(graph: GraphBuilder, model: Model) -> None:
    """Put the means of the training, if it has any, in place of the numbers that are missing."""
    if not (model.source.table and model.source.table.means):
        return
    graph.tensors["means"] = np.array(model.source.table.means, np.float32)
    graph.add_node("IsNaN", "missing", [graph.output], "missing")
    graph.add_node("Where", "filled", ["missing", "means", graph.output], "filled")
    graph.output = "filled"


def _add_scaling(graph: GraphBuilder, model: Model, options: ExportOptions) -> None:
    """Append the conversion to float32 rows, and the division unless `divide` is 1."""
    from onnx import TensorProto

    if options.input_name(model.source) == "image":
        graph.add("Cast", "cast", attributes={"to": TensorProto.FLOAT})
        graph.add("Flatten", "flatten", attributes={"axis": 1})
    divide = model.entry.preprocess.divide
    if divide != 1:
        graph.add("Div", "scale", {"divide": np.array(divide, np.float32)})


def _operator(step: folding.Step) -> tuple[str, str, Attributes]:
    """Return the name of a step's node, its operator and its attributes."""
    match step:
        case DenseStep():
            return "fc", "Gemm", {}
        case AffineStep():
            return "stretch", "Mul", {}
        case StandardizeStep():
            return "standardize", "Mul", {}
        case ActivationStep(LeakyRelu(leak=leak)):
            return "leaky_relu", "LeakyRelu", {"alpha": leak}
        case ActivationStep(kind):
            return kind.kind, kind.kind.capitalize(), {}
        case PluginStep(kind):
            return kind.kind, "", {}


def _add_plugin_nodes(graph: GraphBuilder, step: PluginStep, nodes: NodeWriter) -> str:
    """Call a plugin's `onnx` method, which adds nodes; return the name of its output."""
    kind, write = step.kind, getattr(step.layer, "onnx", None)
    if not callable(write):
        raise ConfigError(
            f"{kind.kind!r} cannot be exported to ONNX.",
            hint="Ask its author to add a method `onnx(x, nodes)`.",
        )
    first = len(graph.nodes)
    output = str(write(graph.output, nodes))
    unknown = {node.op_type for node in graph.nodes[first:]} - OPERATORS
    if unknown:
        raise ConfigError(
            f"{kind.kind!r} uses the ONNX operator {', '.join(sorted(unknown))}, "
            "which zoo does not allow.",
            hint=f"Use {', '.join(sorted(OPERATORS))}.",
        )
    return output


def _input(model: Model, options: ExportOptions) -> "ValueInfoProto":
    from onnx import TensorProto
    from onnx.helper import make_tensor_value_info

    rows, columns = model.source.shape
    name = options.input_name(model.source)
    if name == "image":
        return make_tensor_value_info(name, TensorProto.UINT8, ["N", rows, columns])
    return make_tensor_value_info(name, TensorProto.FLOAT, ["N", rows * columns])


def _outputs(model: Model, options: ExportOptions) -> list["ValueInfoProto"]:
    from onnx import TensorProto
    from onnx.helper import make_tensor_value_info

    types = {"label": TensorProto.INT64, "class": TensorProto.STRING}
    return [
        make_tensor_value_info(name, types[name], ["N"])
        if name in types
        else make_tensor_value_info(name, TensorProto.FLOAT, ["N", model.source.classes])
        for name in options.outputs
    ]
