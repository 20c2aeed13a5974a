"""Exports of the shipped models, read by the guard of strangers' files."""

import pytest

from tests.helpers.shipped import built_in, shipped
from zoo.export import onnx_graph, onnx_safety
from zoo.export.options import IR_VERSIONS, ExportOptions

FORMS = [
    ExportOptions(),
    ExportOptions(min(IR_VERSIONS)),
    ExportOptions(max(IR_VERSIONS), input="pixels", outputs=("probabilities", "logits", "label")),
    ExportOptions(min(IR_VERSIONS), int8=True),
    ExportOptions(max(IR_VERSIONS), input="pixels", int8=True),
]


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_export_of_each_entry_is_accepted(form: ExportOptions) -> None:
    """Whatever zoo exports it reads again: the int8 weights of the widest layers, too."""
    for name, listed in built_in().items():
        if listed.entry.weights is not None:
            onnx_safety.checked(onnx_graph.to_onnx(shipped(listed.entry), form), where=name)
