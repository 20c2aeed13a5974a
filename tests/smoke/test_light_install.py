"""The installed `zoo` without onnxruntime."""

import json
from pathlib import Path

from tests.helpers.hidden_packages import OTHER_RUNTIMES, hide_in_processes
from tests.helpers.process import zoo_process

TIP = "zoo: verified by onnx.reference; `pip install onnxruntime` adds a second runtime.\n"


def test_export_and_predict_without_onnxruntime(tmp_path: Path) -> None:
    """An export is verified by onnx.reference, and predicts."""
    site = tmp_path / "site"
    hide_in_processes(site, "onnxruntime", *OTHER_RUNTIMES)
    path = tmp_path / "digits-10.onnx"
    done = zoo_process("export", "digits-10", "--onnx", "-o", tmp_path, PYTHONPATH=site)
    assert (done.exit_code, done.stderr) == (0, TIP)
    verified = json.loads(path.with_suffix(".json").read_text())["verified"]
    assert [runtime["name"] for runtime in verified["runtimes"]] == ["onnx.reference"]
    read = zoo_process("evaluate", path, "--json", PYTHONPATH=site)
    assert read.exit_code == 0, read.stderr
    assert json.loads(read.stdout)["n"] == 360
