"""The fields of a protobuf message on the wire."""

import onnx
import pytest
from onnx import helper

from zoo.export.protobuf_fields import WireError, fields

MODEL = onnx.ModelProto.DESCRIPTOR


def names(content: bytes) -> list[tuple[str, int]]:
    return [(field.name if field else "?", size) for field, size in fields(content, MODEL)]


def test_fields_of_nested_messages() -> None:
    """Each message is followed by its own fields, and then by those behind it."""
    graph = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "g", [], [])
    proto = onnx.ModelProto(ir_version=300, graph=graph, producer_name="zoo")
    assert sorted(names(proto.SerializeToString())) == sorted(
        [
            ("ir_version", 0),
            ("producer_name", 3),
            ("graph", 17),
            ("node", 12),
            ("input", 1),
            ("output", 1),
            ("op_type", 4),
            ("name", 1),
        ]
    )


def test_fields_unknown_of_each_wire_type() -> None:
    """Number 1000, which onnx does not have, as an integer, 8 bytes, text and 4 bytes."""
    tags = [bytes([0xC0 | wire_type, 0x3E]) for wire_type in (0, 1, 2, 5)]
    content = tags[0] + b"\x07" + tags[1] + bytes(8) + tags[2] + b"\x02hi" + tags[3] + bytes(4)
    assert names(content) == [("?", 0), ("?", 0), ("?", 2), ("?", 0)]


@pytest.mark.parametrize(
    "content",
    [
        b"\x3a",  # a graph without a length
        b"\x3a\x05\x00",  # a graph of 5 bytes that has 1
        b"\x3b",  # a group
        b"\x09\x00",  # 8 bytes that are 1
        b"\x08" + b"\xff" * 11,  # an integer of 11 bytes
    ],
)
def test_fields_damaged(content: bytes) -> None:
    with pytest.raises(WireError):
        names(content)
