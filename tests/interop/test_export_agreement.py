"""Exports verified by every installed runtime, as in `zoo export`."""

import json
from pathlib import Path

from tests.helpers.models import DEEP, MNIST, model_with_means, random_model
from zoo.export import runtimes
from zoo.export.options import IR_VERSIONS, ExportOptions
from zoo.export.write import write_onnx


def test_write_json_of_installed_runtimes(tmp_path: Path) -> None:
    """The .json names every installed runtime, each with its version and its difference."""
    write_onnx(random_model({**DEEP, **MNIST}), tmp_path, ExportOptions())
    verified = json.loads((tmp_path / "a-model.json").read_text())["verified"]
    installed = runtimes.installed()
    run = [item for item in installed if not item.reason_to_skip(ExportOptions())]
    names = [(item["name"], item["version"]) for item in verified["runtimes"]]
    assert names == [(item.name, item.version) for item in run]
    assert [item.name for item in run[:2]] == ["onnx.reference", "onnxruntime"]
    assert all(0 <= item["largest_difference"] < 1e-5 for item in verified["runtimes"])
    assert len(verified["skipped"]) == len(installed) - len(run)


def test_missing_numbers_in_every_runtime(tmp_path: Path) -> None:
    """Every installed runtime puts the means in place of missing numbers, at every opset."""
    for opset in IR_VERSIONS:
        verified = write_onnx(model_with_means(), tmp_path, ExportOptions(opset)).facts["verified"]
        assert verified["pictures"] == "random rows with missing numbers"
        assert len(verified["runtimes"]) == len(runtimes.installed())


def test_write_json_of_skipped_runtimes(tmp_path: Path) -> None:
    """A runtime without support for int8 is skipped; the others verify the export."""
    form = ExportOptions(17, int8=True)
    verified = write_onnx(random_model(), tmp_path, form).facts["verified"]
    reasons = {
        runtime.name: reason
        for runtime in runtimes.installed()
        if (reason := runtime.reason_to_skip(form))
    }
    assert {item["name"]: item["reason"] for item in verified["skipped"]} == reasons
    assert reasons["onnx.reference"] == "int8 weights need opset 19"
    assert all(item["largest_difference"] < 1e-6 for item in verified["runtimes"])
