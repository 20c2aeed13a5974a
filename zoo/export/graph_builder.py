"""What a kind of a package's own builds its part of an ONNX graph with."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from zoo.export.onnx_graph import GraphBuilder


class NodeWriter:
    """Nodes and tensors whose names begin alike, such as swish2_mul1."""

    def __init__(self, chain: "GraphBuilder", name: str, *, opset: int) -> None:
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
