"""Builders of an ONNX graph; a plugin's layer gets a `NodeWriter`."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zoo.export.folding import DenseStep
from zoo.export.quantize import quantize

if TYPE_CHECKING:
    from onnx import NodeProto

Tensors = dict[str, npt.NDArray[Any]]
Attributes = dict[str, Any]


class GraphBuilder:
    """A chain of nodes: the input of each is the output of the last one, and its own tensors."""

    def __init__(self, start: str) -> None:
        self.output = start
        self.nodes: list[NodeProto] = []
        self.tensors: Tensors = {}

    def add(
        self,
        operator: str,
        name: str,
        tensors: Tensors | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Append a node to the chain; its output has its name."""
        self.tensors |= tensors or {}
        self.add_node(operator, name, [self.output, *(tensors or {})], name, attributes)
        self.output = name

    def add_node(
        self,
        operator: str,
        name: str,
        inputs: list[str],
        output: str,
        attributes: Attributes | None = None,
    ) -> None:
        """Add a node with named inputs and output."""
        from onnx.helper import make_node

        self.nodes.append(make_node(operator, inputs, [output], name=name, **attributes or {}))

    def add_dense(self, step: DenseStep, number: int, *, last: bool, int8: bool) -> None:
        """Append x Wᵀ + b; the output of the last dense layer is `logits`."""
        weights, biases = f"W{number}", f"b{number}"
        if int8:
            quantized, factor = quantize(step.weights)
            self.tensors |= {f"{weights}_int8": quantized, f"{weights}_factor": factor}
            inputs = [f"{weights}_int8", f"{weights}_factor"]
            self.add_node("DequantizeLinear", f"dequantize{number}", inputs, weights, {"axis": 0})
        else:
            self.tensors[weights] = step.weights
        self.tensors[biases] = step.biases
        output = "logits" if last else f"fc{number}"
        self.add_node("Gemm", f"fc{number}", [self.output, weights, biases], output, {"transB": 1})
        self.output = output


class NodeWriter:
    """A plugin layer's part of the graph: its names have a common prefix, as in swish2_mul1."""

    def __init__(self, builder: GraphBuilder, prefix: str, *, opset: int) -> None:
        self.opset = opset  # the version of the operators
        self._builder, self._prefix, self._count = builder, prefix, 0

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an ONNX node and return the name of its output."""
        name = self._unique_name(operator.lower())
        self._builder.add_node(operator, name, list(inputs), name, attributes)
        return name

    def number(self, value: float) -> str:
        """Add a float32 scalar and return its name."""
        return self.array(np.array(value))

    def array(self, values: npt.NDArray[Any]) -> str:
        """Add a float32 array and return its name."""
        name = self._unique_name("tensor")
        self._builder.tensors[name] = values.astype(np.float32)
        return name

    def _unique_name(self, label: str) -> str:
        self._count += 1
        return f"{self._prefix}_{label}{self._count}"
