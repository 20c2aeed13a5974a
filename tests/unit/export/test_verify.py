"""Verification of an export before it is written."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.helpers.hidden_packages import hide_runtimes
from tests.helpers.models import DEEP, MNIST, random_model
from zoo.errors import ConfigError, CorruptFileError, DisagreementError
from zoo.export import onnx_graph, quantize, runtime_process, runtimes, verify, write
from zoo.export.options import ExportOptions
from zoo.export.runtimes import Outputs, Runtime
from zoo.export.sample_inputs import SampleInputs, sample_inputs
from zoo.nn.losses import softmax
from zoo.training.model import Model

if TYPE_CHECKING:
    import onnx

HONEST = Runtime("honest", "1.0", runtimes.onnxruntime)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the two runtimes without a child process; tests/interop uses every installed one."""
    here = runtimes.installed()[:2]
    monkeypatch.setattr(verify, "installed", lambda: here)


@cache
def model() -> Model:
    return random_model()


@cache
def digits() -> SampleInputs:
    return sample_inputs(model().entry)


def loaded() -> "onnx.ModelProto":
    """Return the export of the model."""
    from onnx import load_model_from_string

    return load_model_from_string(onnx_graph.to_onnx(model()))


def with_tensor(name: str, change: Callable[[np.ndarray], np.ndarray]) -> bytes:
    """Return the export with one array changed by hand."""
    from onnx import numpy_helper

    proto = loaded()
    (tensor,) = [tensor for tensor in proto.graph.initializer if tensor.name == name]
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor).copy()), name))
    return bytes(proto.SerializeToString())


def one_ulp(array: np.ndarray) -> np.ndarray:
    array.flat[3] = np.nextafter(array.flat[3], np.float32(9))
    return array


def a_tenth(array: np.ndarray) -> np.ndarray:
    return array * np.float32(1.1)


def test_verify_export() -> None:
    verified = verify.verify(onnx_graph.to_onnx(model()), model(), ExportOptions(), digits())
    assert [runtime.name for runtime in verified.agreements] == ["onnx.reference", "onnxruntime"]
    assert verified.count == 1797
    assert all(runtime.difference < 1e-6 for runtime in verified.agreements)
    assert verified.quantization_effect is None


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
@pytest.mark.parametrize("change", [one_ulp, a_tenth])
def test_verify_changed_tensor(name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(
        DisagreementError, match=f"{name} in the export differs from that of a-model"
    ):
        verify.verify(with_tensor(name, change), model(), ExportOptions(), digits())


@pytest.mark.parametrize("factor", [1.1, 1.01, 1.001])
def test_verify_changed_tensor_by_runtime(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """A runtime notices a changed weight without the comparison of arrays."""
    monkeypatch.setattr(verify, "_check_tensors", lambda *_: None)
    content = with_tensor("W2", lambda array: array * np.float32(factor))
    with pytest.raises(
        DisagreementError, match=r"onnx\.reference .* and a-model differ by .* 0.00001 was"
    ):
        verify.verify(content, model(), ExportOptions(), digits())


def test_verify_missing_tensor() -> None:
    from onnx import numpy_helper

    proto = loaded()
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float32), "W9"))
    with pytest.raises(DisagreementError, match="W9 is only in the export of a-model"):
        verify.verify(proto.SerializeToString(), model(), ExportOptions(), digits())
    deeper = random_model({"network.hidden": [7, 10]})
    with pytest.raises(DisagreementError, match="W3 is only in the network of a-model"):
        verify.verify(onnx_graph.to_onnx(model()), deeper, ExportOptions(), digits())


def test_verify_checker_refuses_edge() -> None:
    proto = loaded()
    proto.graph.node[3].input[0] = "nowhere"
    with pytest.raises(DisagreementError, match="ONNX's checker rejects the export of a-model"):
        verify.verify(proto.SerializeToString(), model(), ExportOptions(), digits())


def test_verify_checker_refuses_shape() -> None:
    proto = loaded()
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 11
    with pytest.raises(DisagreementError, match="ONNX's checker rejects"):
        verify.verify(proto.SerializeToString(), model(), ExportOptions(), digits())


def faulty_runtime(change: Callable[[Outputs], None]) -> Runtime:
    def run(content: bytes, pixels: np.ndarray, names: Sequence[str]) -> Outputs:
        outputs = runtimes.onnxruntime(content, pixels, names)
        change(outputs)
        return outputs

    return Runtime("liar", "6.6", run)


def slightly_off(outputs: Outputs) -> None:
    outputs["probabilities"][-1, 0] += 1.2e-5


def with_nan(outputs: Outputs) -> None:
    outputs["probabilities"][7, 7] = np.nan


def other_logits(outputs: Outputs) -> None:
    outputs["logits"][0, 0] += 1


def too_few(outputs: Outputs) -> None:
    outputs["probabilities"] = outputs["probabilities"][:-1]


@pytest.mark.parametrize("change", [slightly_off, with_nan, other_logits, too_few])
def test_verify_runtime_differs(change: Callable[[Outputs], None]) -> None:
    with pytest.raises(DisagreementError, match=r"liar 6\.6 and a-model differ by"):
        verify.verify(
            onnx_graph.to_onnx(model()),
            model(),
            ExportOptions(),
            digits(),
            runtimes=[HONEST, faulty_runtime(change)],
        )


def other_label(outputs: Outputs) -> None:
    outputs["label"][5] = (outputs["label"][5] + 1) % 10


def test_verify_other_label() -> None:
    """Another label is a disagreement, even if the probabilities are close."""
    form = ExportOptions(outputs=("probabilities", "logits", "label"))
    with pytest.raises(DisagreementError, match="predict different classes for 1 of 1,797 images"):
        verify.verify(
            onnx_graph.to_onnx(model(), form),
            model(),
            form,
            digits(),
            runtimes=[faulty_runtime(other_label)],
        )


def other_class(outputs: Outputs) -> None:
    outputs["class"][5] = "another"


def test_verify_other_class() -> None:
    """The names of the classes are compared, too."""
    form = ExportOptions(outputs=("probabilities", "class"))
    with pytest.raises(DisagreementError, match="predict different classes for 1 of 1,797 images"):
        verify.verify(
            onnx_graph.to_onnx(model(), form),
            model(),
            form,
            digits(),
            runtimes=[faulty_runtime(other_class)],
        )


def test_verify_near_tie() -> None:
    tie = random_model()
    tie.network.parameters[:] = 0
    *_, last = tie.network.layers
    last.parameters[4, -1] = 1e-6  # so that every image is a 4, by a hair

    def swapped(outputs: Outputs) -> None:
        for array in outputs.values():
            array[:, 4], array[:, 5] = array[:, 5].copy(), array[:, 4].copy()

    with pytest.raises(DisagreementError, match="predict different classes for 1,797 of 1,797"):
        verify.verify(
            onnx_graph.to_onnx(tie),
            tie,
            ExportOptions(),
            digits(),
            runtimes=[faulty_runtime(swapped)],
        )


def test_verify_runtime_fails() -> None:
    def run(*_: object) -> Outputs:
        raise ValueError("no such thing\nand more")

    with pytest.raises(DisagreementError, match=r"broken 1 cannot run .*: no such thing$"):
        verify.verify(
            onnx_graph.to_onnx(model()),
            model(),
            ExportOptions(),
            digits(),
            runtimes=[Runtime("broken", "1", run)],
        )


def test_verify_runtime_skipped() -> None:
    """A runtime that does not support the options is skipped, with the reason."""
    form = ExportOptions(17, int8=True)
    verified = verify.verify(onnx_graph.to_onnx(model(), form), model(), form, digits())
    (skipped,) = [runtime for runtime in verified.skipped if runtime.name == "onnx.reference"]
    assert skipped.reason == "int8 weights need opset 19"
    assert [runtime.name for runtime in verified.agreements] == ["onnxruntime"]


def test_runtime_opencv_4() -> None:
    four = Runtime("OpenCV", "4.14.0.94", runtimes.onnxruntime, runtimes.opencv_unsupported)
    five = Runtime("OpenCV", "5.0.0.93", runtimes.onnxruntime, runtimes.opencv_unsupported)
    assert four.reason_to_skip(ExportOptions()) == "OpenCV 4 takes --input pixels alone"
    assert four.reason_to_skip(ExportOptions(input="pixels")) == ""
    assert five.reason_to_skip(ExportOptions()) == ""


def test_verify_without_runtime() -> None:
    def run(*_: object) -> Outputs:
        raise runtimes.RuntimeNotInstalledError("no module")

    with pytest.raises(DisagreementError, match="No installed runtime can verify"):
        verify.verify(
            onnx_graph.to_onnx(model()),
            model(),
            ExportOptions(),
            digits(),
            runtimes=[Runtime("gone", "1", run)],
        )


def test_verify_without_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    """onnx.reference alone verifies an export, also with int8 weights."""
    hide_runtimes(monkeypatch)
    for form in (ExportOptions(), ExportOptions.checked(int8=True)):
        verified = verify.verify(
            onnx_graph.to_onnx(model(), form),
            model(),
            form,
            digits(),
            runtimes=runtimes.installed(),
        )
        assert [runtime.name for runtime in verified.agreements] == ["onnx.reference"]
        assert verified.skipped == ()


def test_verify_onnxruntime_not_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """An onnxruntime that is installed and cannot be imported is skipped, with the reason."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    verified = verify.verify(onnx_graph.to_onnx(model()), model(), ExportOptions(), digits())
    assert [runtime.name for runtime in verified.agreements] == ["onnx.reference"]
    (skipped,) = verified.skipped
    assert skipped.name == "onnxruntime"
    assert skipped.reason.startswith("it cannot be imported: import of onnxruntime halted")


def test_verify_int8_opset_without_onnxruntime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that no installed runtime supports is not written; the hint names a runtime."""
    hide_runtimes(monkeypatch)
    monkeypatch.setattr(verify, "installed", runtimes.installed)
    (tmp_path / "a-model.onnx").write_bytes(b"older")
    with pytest.raises(DisagreementError) as caught:
        write.write_onnx(model(), tmp_path, ExportOptions(17, int8=True))
    assert str(caught.value) == (
        "No installed runtime can verify the export of a-model: "
        f"int8 weights need opset 19 (onnx.reference {version('onnx')})."
    )
    assert caught.value.hint == (
        "Run `pip install onnxruntime`, or leave out --opset. "
        f"{tmp_path / 'a-model.onnx'} was not replaced."
    )


def test_verify_int8() -> None:
    """An int8 export is compared with int8 arithmetic; the cost is its distance from float32."""
    form = ExportOptions.checked(int8=True)
    verified = verify.verify(onnx_graph.to_onnx(model(), form), model(), form, digits())
    assert verified.quantization_effect is not None
    expected = softmax(verify.reference(model(), form, digits().images))
    lost = np.abs(expected - softmax(model().logits(digits().images))).max()
    assert verified.quantization_effect.difference == pytest.approx(lost)
    assert 1e-5 < verified.quantization_effect.difference < 0.1
    assert all(runtime.difference < 1e-6 for runtime in verified.agreements)


def test_verify_overflow() -> None:
    huge = random_model()
    huge.network.parameters *= np.float32(1e38)
    with pytest.raises(CorruptFileError, match="a-model returns NaN or infinite logits"):
        verify.verify(onnx_graph.to_onnx(huge), huge, ExportOptions(), digits())


def test_write_json_of_an_odd_name(tmp_path: Path) -> None:
    odd = replace(model(), name='my[a"b, {c')
    write.write_onnx(odd, tmp_path, ExportOptions())
    facts = json.loads((tmp_path / f"{odd.name}.json").read_text())
    assert (facts["model"], len(facts["examples"])) == (odd.name, 3)


def test_int8_quantize_tiny_weights() -> None:
    dead = np.array([[1e-45, 0], [0, 0], [254, -127]], np.float32)
    quantized, factor = quantize.quantize(dead)
    assert quantized.tolist() == [[0, 0], [0, 0], [127, -64]]
    assert factor.tolist() == [1, 1, 2]


def test_write_disagreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disagreement leaves no file."""
    monkeypatch.setattr(verify, "installed", lambda: [HONEST, faulty_runtime(slightly_off)])
    with pytest.raises(DisagreementError) as caught:
        write.write_onnx(model(), tmp_path, ExportOptions())
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_write_wrong_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph without the mean is not written."""
    deep = random_model(DEEP)
    plain = random_model({**DEEP, "preprocess": {"divide": 16, "std": 0.5}})
    monkeypatch.setattr(
        onnx_graph,
        "to_onnx",
        lambda *_: onnx_graph.build(plain, ExportOptions()).SerializeToString(),
    )
    with pytest.raises(DisagreementError):
        write.write_onnx(deep, tmp_path, ExportOptions())
    assert list(tmp_path.iterdir()) == []


def test_write_json(tmp_path: Path) -> None:
    exported = write.write_onnx(random_model(MNIST), tmp_path, ExportOptions())
    content = exported.path.read_bytes()
    facts = json.loads((tmp_path / "a-model.json").read_text())
    assert facts == exported.facts
    assert (facts["file"], facts["size"]) == ("a-model.onnx", len(content))
    assert (facts["opset"], facts["ir"]) == (17, 8)
    assert facts["inputs"] == [{"name": "image", "type": "uint8", "shape": ["N", 28, 28]}]
    assert facts["outputs"] == [
        {"name": name, "type": "float32", "shape": ["N", 10]}
        for name in ("probabilities", "logits")
    ]
    verified = facts["verified"]
    assert (verified["count"], verified["tolerance"]) == (1797, 1e-5)
    assert verified["pictures"] == "scikit-learn's digits enlarged to 28 x 28"
    first = verified["runtimes"][0]
    assert (first["name"], first["version"]) == ("onnx.reference", version("onnx"))
    assert first["labels_equal"]
    assert 0 <= first["largest_difference"] < 1e-5


def test_write_json_examples(tmp_path: Path) -> None:
    """A runtime returns the probabilities of the examples in the .json."""
    facts = write.write_onnx(model(), tmp_path, ExportOptions()).facts
    images = np.array([example["picture"] for example in facts["examples"]], np.uint8)
    assert images.shape == (3, 8, 8)
    found = runtimes.onnxruntime(
        (tmp_path / "a-model.onnx").read_bytes(), images, ("probabilities",)
    )
    expected = [example["probabilities"] for example in facts["examples"]]
    np.testing.assert_allclose(found["probabilities"], expected, atol=1e-6)


def test_write_json_lines(tmp_path: Path) -> None:
    """A row of an image is one line."""
    write.write_onnx(model(), tmp_path, ExportOptions())
    lines = (tmp_path / "a-model.json").read_text().splitlines()
    assert len(lines) < 150
    assert [line.strip() for line in lines].count("[0, 0, 5, 13, 9, 1, 0, 0],") == 1


def test_write_json_is_a_folder(tmp_path: Path) -> None:
    """Nothing is written if the .json could not be."""
    (tmp_path / "a-model.json").mkdir()
    with pytest.raises(ConfigError, match=r"a-model\.json was not written by `zoo export`"):
        write.write_onnx(model(), tmp_path, ExportOptions())
    assert not (tmp_path / "a-model.onnx").exists()


def test_write_again(tmp_path: Path) -> None:
    first = write.write_onnx(model(), tmp_path, ExportOptions(13)).facts
    second = write.write_onnx(model(), tmp_path, ExportOptions()).facts
    assert first["sha256"] != second["sha256"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-model.json", "a-model.onnx"]


def test_child_exit_code() -> None:
    run = runtimes.in_child("tract", python=shutil.which("false") or "")
    with pytest.raises(runtimes.RuntimeFailedError, match="exit code 1"):
        run(b"", digits().images, ())


def test_child_batch_sizes() -> None:
    sizes = [len(tile) for tile in runtime_process.tiles(np.zeros((1797, 2)))]
    assert sizes == [1, 2, 1000, 794]


def test_sample_inputs_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few available images are not enough; random ones stand behind them."""
    few = SampleInputs(np.zeros((999, 784), np.uint8), "a few")
    monkeypatch.setattr("zoo.export.sample_inputs._available_rows", lambda _entry, _data: few)
    inputs = sample_inputs(random_model(MNIST).entry)
    assert (len(inputs), inputs.description) == (1999, "a few, and random ones")
    assert not inputs.images[:999].any()
    assert inputs.images[999:].any(axis=1).all()
