"""Models in ONNX files without onnxruntime."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.hidden_packages import hide_runtimes
from tests.helpers.models import random_model
from zoo.data.digits import load_digits
from zoo.errors import CorruptFileError
from zoo.export import onnx_graph, onnx_graph_cost, window_memory
from zoo.export.onnx_model import open_onnx


def test_onnx_read_without_onnxruntime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """onnx.reference computes the logits of the network."""
    hide_runtimes(monkeypatch)
    path, model = tmp_path / "net.onnx", random_model()
    path.write_bytes(onnx_graph.to_onnx(model))
    images = load_digits().train.images
    np.testing.assert_allclose(open_onnx(path).logits(images), model.logits(images), atol=1e-5)


def convolution(kernel: int, pad: int) -> onnx.ModelProto:
    """Return a graph that convolves 28 x 28 pixels with one square kernel."""
    side = 28 + 2 * pad - kernel + 1

    def array(name: str, *shape: int) -> TensorProto:
        values: npt.NDArray[np.float32] = np.ones(shape, np.float32)
        return numpy_helper.from_array(values, name)

    nodes = [
        helper.make_node("Conv", ["in", "kernel"], ["a"], pads=[pad] * 4),
        helper.make_node("Flatten", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "dense"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "theirs",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, ["N", 1, 28, 28])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])],
        [array("kernel", 1, 1, kernel, kernel), array("dense", side * side, 10)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_onnx_reference_batch(tmp_path: Path) -> None:
    """A 29 x 29 kernel is applied at 28 x 28 places of 56 x 56 pixels: 662,480 values."""
    path = tmp_path / "theirs.onnx"
    onnx.save(convolution(29, 14), path)
    graph = onnx_graph_cost.infer(convolution(29, 14))
    assert window_memory.max_rows(graph, where="it") == 8_000_000 // 662_480
    assert open_onnx(path, runtime="numpy").batch == 12
    assert open_onnx(path).batch == 256


def test_onnx_reference_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without onnxruntime a graph that needs gigabytes is refused; the hint names onnxruntime."""
    hide_runtimes(monkeypatch)
    path = tmp_path / "theirs.onnx"
    onnx.save(convolution(128, 100), path)
    with pytest.raises(CorruptFileError, match=r"is too large for onnx\.reference: a") as caught:
        open_onnx(path)
    assert caught.value.hint.startswith("Run `pip install onnxruntime`")
