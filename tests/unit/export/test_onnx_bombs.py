"""ONNX files that are small, and would take much memory or time."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from zoo.errors import CorruptFileError
from zoo.export import onnx_graph_cost, onnx_safety
from zoo.export.onnx_safety import MAX_FIELDS, MAX_OTHER_BYTES, MAX_PACKED_BYTES


def message(number: int, content: bytes) -> bytes:
    """Return a field of a message that contains bytes."""
    size, length = len(content), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    tag = (
        bytes([number << 3 & 0x7F | 0x82, number >> 4]) if number > 15 else bytes([number << 3 | 2])
    )
    return tag + bytes(length) + bytes([size]) + content


GRAPH, NODE, INITIALIZER, VALUE_INFO = 7, 1, 5, 13
MANY = MAX_FIELDS + 1
BOMBS = {
    "value_info": message(GRAPH, message(VALUE_INFO, b"") * MANY),
    "nodes": message(GRAPH, message(NODE, b"") * MANY),
    "arrays": message(GRAPH, message(INITIALIZER, b"") * MANY),
    "inputs_of_a_node": message(GRAPH, message(NODE, message(1, b"") * MANY)),
    "numbers_of_an_attribute": message(GRAPH, message(NODE, message(5, message(8, bytes(MANY))))),
    "texts_of_an_array": message(GRAPH, message(INITIALIZER, message(6, b"") * MANY)),
    "axes_of_an_input": message(
        GRAPH, message(11, message(2, message(1, message(2, message(1, b"") * MANY))))
    ),
    "functions": message(25, b"") * MANY,
    "metadata": message(14, b"") * MANY,
    "unknown": message(999, b"") * MANY,
}


def refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the message of the refusal, which comes before the bytes are parsed."""
    monkeypatch.setattr(onnx_safety, "_parsed", lambda _content: pytest.fail("it was parsed"))
    with pytest.raises(CorruptFileError) as caught:
        onnx_safety.checked(content, where="it")
    return str(caught.value)


@pytest.mark.parametrize("name", BOMBS)
def test_onnx_too_many_fields(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it has more than 100,000 fields" in refused(BOMBS[name], monkeypatch)


def test_onnx_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the arrays of the graph may be long."""
    text = bytes(MAX_OTHER_BYTES)
    constant = message(GRAPH, message(NODE, message(5, message(5, message(9, text)))))
    for content in (message(6, text), message(GRAPH, message(10, text)), constant):
        assert "bytes besides its arrays" in refused(content, monkeypatch)


def test_onnx_packed_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte of int64_data becomes a number of 8 bytes."""
    content = message(GRAPH, message(INITIALIZER, message(7, bytes(MAX_PACKED_BYTES + 1))))
    assert "it packs 32,000,001 bytes of integers" in refused(content, monkeypatch)


def classifier(
    nodes: list[onnx.NodeProto], *arrays: TensorProto, batch: int | str = "N"
) -> onnx.ModelProto:
    """Return a graph from 64 numbers to `out`, 10 numbers."""
    graph = helper.make_graph(
        nodes,
        "theirs",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [batch, 64])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [batch, 10])],
        [*arrays, array("down", 64, 10)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def array(name: str, *shape: int, dtype: type = np.float32) -> TensorProto:
    return numpy_helper.from_array(np.ones(shape, dtype), name)


def variadic(operator: str, inputs: int, width: int) -> onnx.ModelProto:
    """Return a graph with an operator that has thousands of times the same input."""
    return classifier(
        [
            helper.make_node("MatMul", ["in", "up"], ["wide"]),
            helper.make_node(operator, ["wide"] * inputs, ["much"]),
            helper.make_node("ReduceMean", ["much"], ["mean"], axes=[1]),
            helper.make_node("MatMul", ["in", "down"], ["ten"]),
            helper.make_node("Add", ["mean", "ten"], ["out"]),
        ],
        array("up", 64, width),
    )


@pytest.mark.parametrize("operator", ["Max", "Min"])
def test_onnx_operator_with_many_inputs(operator: str) -> None:
    """20,000 inputs of 12,000 values are 240 million operations, in 300 KB."""
    onnx_safety.checked(variadic(operator, 100, 12_000).SerializeToString(), where="it")
    with pytest.raises(CorruptFileError, match=r"it needs 24\d,\d{3},\d{3} operations per image"):
        onnx_safety.checked(variadic(operator, 20_000, 12_000).SerializeToString(), where="it")


def test_onnx_reductions_of_a_long_array() -> None:
    """A reduction reads its input, however short its output."""
    reductions = [helper.make_node("ReduceSum", ["wide"], [f"r{n}"]) for n in range(1_001)]
    proto = variadic("Max", 1, 200_000)
    proto.graph.node.extend(reductions)
    with pytest.raises(CorruptFileError, match=r"it needs 21\d,\d{3},\d{3} operations per image"):
        onnx_safety.checked(proto.SerializeToString(), where="it")


def int8_weights(nodes: int) -> onnx.ModelProto:
    """Return a graph that makes 300,000 float weights from int8 ones, several times."""
    dequantize = [
        helper.make_node("DequantizeLinear", ["W_int8", "factor"], [f"W{n}"]) for n in range(nodes)
    ]
    products = [helper.make_node("MatMul", ["in", f"W{n}"], [f"x{n}"]) for n in range(nodes)]
    return classifier(
        [*dequantize, *products, helper.make_node("MatMul", ["in", "down"], ["out"])],
        array("W_int8", 64, 4_700, dtype=np.int8),
        array("factor"),
    )


def test_onnx_int8_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Float weights from int8 ones are not values of an image, but their number is limited."""
    onnx_safety.checked(int8_weights(2).SerializeToString(), where="it")
    monkeypatch.setattr(onnx_graph_cost, "MAX_WEIGHTS", 2 * 64 * 4_700)
    onnx_safety.checked(int8_weights(2).SerializeToString(), where="it")
    with pytest.raises(CorruptFileError, match="its int8 weights become 902,400 numbers"):
        onnx_safety.checked(int8_weights(3).SerializeToString(), where="it")


def test_onnx_rows_of_a_batch() -> None:
    """All values of a batch are limited: 150,000 per image for 213 images, not for 256."""

    def wide(batch: int | str) -> onnx.ModelProto:
        nodes = [
            helper.make_node("MatMul", ["in", "up"], ["wide"]),
            helper.make_node("MatMul", ["in", "down"], ["out"]),
        ]
        return classifier(nodes, array("up", 64, 149_990), batch=batch)

    assert onnx_graph_cost.max_rows(onnx_graph_cost.infer(wide("N"))) == 213
    assert onnx_graph_cost.max_rows(onnx_graph_cost.infer(wide(100))) == 213
    onnx_safety.checked(wide(213).SerializeToString(), where="it")
    with pytest.raises(
        CorruptFileError, match="it computes 38,400,000 values for its batch of 256"
    ):
        onnx_safety.checked(wide(256).SerializeToString(), where="it")


def test_onnx_large_weights_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX checks an outline of the graph, without its weights."""
    sizes = []
    real = onnx.checker.check_model

    def check(content: bytes, **options: Any) -> None:
        sizes.append(len(content))
        real(content, **options)

    monkeypatch.setattr(onnx.checker, "check_model", check)
    content = int8_weights(1).SerializeToString()
    onnx_safety.checked(content, where="it")
    assert len(content) > 300_000
    assert max(sizes) < 4_000
