"""Exports that every installed runtime verifies, as `zoo export` does it."""

import json
from pathlib import Path

from tests.helpers.models import DEEP, MNIST, random_model
from zoo.export import runtimes
from zoo.export.options import ExportOptions
from zoo.export.write import write_onnx


def test_write_json_of_installed_runtimes(tmp_path: Path) -> None:
    """The .json names every installed runtime, each with its version and its difference."""
    write_onnx(random_model({**DEEP, **MNIST}), tmp_path, ExportOptions())
    verified = json.loads((tmp_path / "a-model.json").read_text())["verified"]
    here = runtimes.installed()
    asked = [(one.name, one.version) for one in here if not one.reason_to_skip(ExportOptions())]
    assert [(one["name"], one["version"]) for one in verified["runtimes"]] == asked
    assert asked[0][0] == "onnx.reference"
    assert asked[1][0] == "onnxruntime"
    assert all(0 <= one["largest_difference"] < 1e-5 for one in verified["runtimes"])
    assert len(verified["skipped"]) == len(here) - len(asked)


def test_write_json_of_skipped_runtimes(tmp_path: Path) -> None:
    """A runtime that does not know the form is skipped, the others verify the int8 export."""
    form = ExportOptions(17, int8=True)
    verified = write_onnx(random_model(), tmp_path, form).facts["verified"]
    refusing = {
        one.name: one.reason_to_skip(form)
        for one in runtimes.installed()
        if one.reason_to_skip(form)
    }
    assert {one["name"]: one["reason"] for one in verified["skipped"]} == refusing
    assert refusing["onnx.reference"] == "it knows no int8 weights before opset 19"
    assert all(one["largest_difference"] < 1e-6 for one in verified["runtimes"])
