"""A model as an ONNX graph: raw pixels go in, probabilities come out, and the names never change.

Rows of a table go in as `rows`, (N, columns) float32, and need no cast.

image (N, 28, 28) uint8 - cast - flatten - divide - fc1 - relu1 - fc2 -> logits
                                                           softmax - > probabilities
"""

from typing import TYPE_CHECKING

import numpy as np

from zoo import __version__
from zoo.config import kinds
from zoo.errors import ConfigError
from zoo.export import folding, metadata, onnx_safety
from zoo.export.folding import ActivationStep, AffineStep, DenseStep, PluginStep
from zoo.export.graph_builder import Attributes, GraphBuilder, NodeWriter, Tensors
from zoo.export.options import ExportOptions
from zoo.training.model import Model

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

# Beyond ±20 tanh is ±1 to the last bit; beyond 44 OpenCV 5 makes no number of it.
FLAT: Tensors = {"tanh_from": np.array(-20, np.float32), "tanh_to": np.array(20, np.float32)}


def to_onnx(model: Model, form: ExportOptions | None = None) -> bytes:
    """Return the model as the bytes of an .onnx; the same weights give the same bytes."""
    return bytes(build(model, form or ExportOptions()).SerializeToString(deterministic=True))


def build(model: Model, form: ExportOptions) -> "ModelProto":
    """Return the model as ONNX's own object."""
    from onnx import helper, numpy_helper

    chain = _chain(model, form)
    proto = helper.make_model(
        helper.make_graph(
            chain.nodes,
            model.entry.name,
            [_input(model, form)],
            _outputs(model, form),
            [numpy_helper.from_array(array, name) for name, array in chain.tensors.items()],
            doc_string=metadata.input_description(model.source, form),
        ),
        ir_version=form.ir_version,
        opset_imports=[helper.make_opsetid("", form.opset)],
        producer_name=metadata.PRODUCER,
        producer_version=__version__,
        domain=metadata.DOMAIN,
        doc_string=metadata.input_description(model.source, form),
    )
    metadata.attach(proto, model, form)
    return proto


def tensors(model: Model, form: ExportOptions) -> Tensors:
    """Return every array that the graph holds, by its name."""
    return _chain(model, form).tensors


def _chain(model: Model, form: ExportOptions) -> GraphBuilder:
    chain = GraphBuilder(form.feed(model.source))
    _scale(chain, model, form)
    found = folding.inference_steps(model)
    counts: dict[str, int] = {}
    for step in found:
        name, operator, attributes = _operator(step)
        number = counts[name] = counts.get(name, 0) + 1
        match step:
            case DenseStep():
                chain.multiply(step, number, last=step is found[-1], int8=form.int8)
            case AffineStep(factor, addend):
                chain.add("Mul", f"stretch{number}", {f"factor{number}": factor})
                chain.add("Add", f"shift{number}", {f"addend{number}": addend})
            case ActivationStep():
                if operator == "Tanh":
                    chain.add("Clip", f"clip{number}", FLAT)
                chain.add(operator, f"{name}{number}", attributes=attributes)
            case PluginStep():
                chain.top = _own(
                    chain, step, NodeWriter(chain, f"{name}{number}", opset=form.opset)
                )
    if "probabilities" in form.outputs:
        chain.put("Softmax", "softmax", ["logits"], "probabilities", {"axis": 1})
    if "label" in form.outputs:
        chain.put("ArgMax", "argmax", ["logits"], "label", {"axis": 1, "keepdims": 0})
    return chain


def _scale(chain: GraphBuilder, model: Model, form: ExportOptions) -> None:
    """Make rows of pixel / divide, if it changes anything."""
    from onnx import TensorProto

    if form.feed(model.source) == "image":
        chain.add("Cast", "cast", attributes={"to": TensorProto.FLOAT})
        chain.add("Flatten", "flatten", attributes={"axis": 1})
    divide = model.entry.preprocess.divide
    if divide != 1:
        chain.add("Div", "scale", {"divide": np.array(divide, np.float32)})


def _operator(step: folding.Step) -> tuple[str, str, Attributes]:
    """Return the name of a step's node, its operator and its attributes."""
    match step:
        case DenseStep():
            return "fc", "Gemm", {}
        case AffineStep():
            return "stretch", "Mul", {}
        case ActivationStep(kinds.LeakyRelu(leak=leak)):
            return "leaky_relu", "LeakyRelu", {"alpha": leak}
        case ActivationStep(kind):
            return kind.kind, kind.kind.capitalize(), {}
        case PluginStep(kind):
            return kind.kind, "", {}


def _own(chain: GraphBuilder, step: PluginStep, nodes: NodeWriter) -> str:
    """Let a package's own code put its nodes on top; return the name of what comes out."""
    kind, write = step.kind, getattr(step.layer, "onnx", None)
    if not callable(write):
        raise ConfigError(
            f"{kind.kind!r} has no form in ONNX.",
            hint="Its author may give it one: a method `onnx(x, nodes)`.",
        )
    first = len(chain.nodes)
    top = str(write(chain.top, nodes))
    strange = {node.op_type for node in chain.nodes[first:]} - onnx_safety.OPERATORS
    if strange:
        raise ConfigError(
            f"{kind.kind!r} needs {', '.join(sorted(strange))} of ONNX, which zoo does not run.",
            hint=f"It runs {', '.join(sorted(onnx_safety.OPERATORS))}.",
        )
    return top


def _input(model: Model, form: ExportOptions) -> "ValueInfoProto":
    from onnx import TensorProto
    from onnx.helper import make_tensor_value_info

    rows, columns = model.source.shape
    name = form.feed(model.source)
    if name == "image":
        return make_tensor_value_info(name, TensorProto.UINT8, ["N", rows, columns])
    return make_tensor_value_info(name, TensorProto.FLOAT, ["N", rows * columns])


def _outputs(model: Model, form: ExportOptions) -> list["ValueInfoProto"]:
    from onnx import TensorProto
    from onnx.helper import make_tensor_value_info

    return [
        make_tensor_value_info(name, TensorProto.INT64, ["N"])
        if name == "label"
        else make_tensor_value_info(name, TensorProto.FLOAT, ["N", model.source.classes])
        for name in form.outputs
    ]
