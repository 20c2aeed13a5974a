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
    """Nodes in a row, each fed by the one before it and by tensors of its own."""

    def __init__(self, start: str) -> None:
        self.top = start
        self.nodes: list[NodeProto] = []
        self.tensors: Tensors = {}

    def add(
        self,
        operator: str,
        name: str,
        takes: Tensors | None = None,
        attributes: Attributes | None = None,
    ) -> None:
        """Put a node on top; its output has its name."""
        self.tensors |= takes or {}
        self.put(operator, name, [self.top, *(takes or {})], name, attributes)
        self.top = name

    def put(
        self,
        operator: str,
        name: str,
        inputs: list[str],
        output: str,
        attributes: Attributes | None = None,
    ) -> None:
        """Add a node with inputs and an output of any name."""
        from onnx.helper import make_node

        self.nodes.append(make_node(operator, inputs, [output], name=name, **attributes or {}))

    def multiply(self, step: DenseStep, number: int, *, last: bool, int8: bool) -> None:
        """Put x Wᵀ + b on top; the last one yields the logits."""
        weights, biases = f"W{number}", f"b{number}"
        if int8:
            whole, factor = quantize(step.weights)
            self.tensors |= {f"{weights}_int8": whole, f"{weights}_factor": factor}
            parts = [f"{weights}_int8", f"{weights}_factor"]
            self.put("DequantizeLinear", f"dequantize{number}", parts, weights, {"axis": 0})
        else:
            self.tensors[weights] = step.weights
        self.tensors[biases] = step.biases
        output = "logits" if last else f"fc{number}"
        self.put("Gemm", f"fc{number}", [self.top, weights, biases], output, {"transB": 1})
        self.top = output


class NodeWriter:
    """Nodes and tensors whose names begin alike, such as swish2_mul1."""

    def __init__(self, chain: GraphBuilder, name: str, *, opset: int) -> None:
        self.opset = opset  # of the operators that there are
        self._chain, self._name, self._count = chain, name, 0

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of ONNX and return the name of its output."""
        name = self._fresh(operator.lower())
        self._chain.put(operator, name, list(inputs), name, attributes)
        return name

    def number(self, value: float) -> str:
        """Return the name of a number, as float32."""
        return self.array(np.array(value))

    def array(self, values: npt.NDArray[Any]) -> str:
        """Return the name of an array, as float32."""
        name = self._fresh("tensor")
        self._chain.tensors[name] = values.astype(np.float32)
        return name

    def _fresh(self, words: str) -> str:
        self._count += 1
        return f"{self._name}_{words}{self._count}"
