"""The memory of convolutions and pooling in onnx.reference, which copies every window."""

import math
from typing import TYPE_CHECKING

from zoo.errors import CorruptFileError
from zoo.export.onnx_graph_cost import MAX_ROWS, InferredGraph, inferred_shape
from zoo.export.onnx_operators import WINDOWED

if TYPE_CHECKING:
    from onnx import NodeProto

MAX_VALUES = 8_000_000  # for one batch; onnx.reference needs up to 20 bytes for a value


def max_rows(graph: InferredGraph, *, where: str) -> int:
    """Return how many images onnx.reference may get at once; raise if one batch is too large."""
    values = [_window_values(node, graph) for node in graph.nodes if node.op_type in WINDOWED]
    needed = max(values, default=1)
    if graph.rows * needed > MAX_VALUES:
        raise CorruptFileError(
            f"{where} is too large for onnx.reference: a convolution copies {needed:,} values per "
            f"image; expected at most {MAX_VALUES // graph.rows:,}.",
            hint="Run `pip install onnxruntime`, and leave out `--runtime numpy`.",
        )
    return min(MAX_ROWS, MAX_VALUES // needed)


def _window_values(node: "NodeProto", graph: InferredGraph) -> int:
    """Return the number of values of the padded image and of all windows, for one image."""
    _, channels, *sides = inferred_shape(graph, node.input[0])
    _, _, *windows = inferred_shape(graph, node.output[0])
    given = {attribute.name: list(attribute.ints) for attribute in node.attribute}
    weights = inferred_shape(graph, node.input[1]) if node.op_type == "Conv" else []
    kernel = given.get("kernel_shape") or weights[2:]
    ones = [1] * len(sides)
    dilations, strides = given.get("dilations", ones), given.get("strides", ones)
    pads = given.get("pads", [0, 0] * len(sides))
    spans = [(side - 1) * step + 1 for side, step in zip(kernel, dilations, strict=True)]
    padded: list[int] = [
        max(side + before + after, (count - 1) * stride + span)
        for side, before, after, count, stride, span in zip(
            sides, pads[: len(sides)], pads[len(sides) :], windows, strides, spans, strict=True
        )
    ]
    copied: int = math.prod(padded) + math.prod(windows) * math.prod(spans)
    return channels * copied
