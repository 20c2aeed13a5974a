"""Exported ONNX graphs: probabilities, folding, names, metadata."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.models import DEEP, MNIST, model_with_means, random_model
from zoo.config.plugins import MissingPluginError
from zoo.data.dataset import Bytes
from zoo.data.digits import load_digits
from zoo.errors import ConfigError
from zoo.export import folding, metadata, onnx_graph, quantize, runtimes, verify
from zoo.export.folding import ActivationStep, AffineStep, DenseStep, StandardizeStep
from zoo.export.options import ExportOptions
from zoo.export.sample_inputs import SampleInputs, enlarged, sample_inputs, samples
from zoo.nn.losses import softmax
from zoo.training.model import Model

if TYPE_CHECKING:
    import onnx

KINDS = [
    *("relu", "sigmoid", "tanh", "batch_norm"),
    {"kind": "leaky_relu", "leak": 0.2},
    {"kind": "dropout", "rate": 0.5},
]

FORMS = {
    **{f"opset {opset}": ExportOptions(opset) for opset in range(13, 22)},
    **{f"int8, opset {opset}": ExportOptions(opset, int8=True) for opset in (13, 17, 19)},
    "int8": ExportOptions(21, int8=True),
    "pixels": ExportOptions(input="pixels"),
    "pixels, int8, label": ExportOptions(21, "pixels", ("probabilities", "label"), int8=True),
}
NETWORKS: dict[str, Mapping[str, object]] = {
    "one hidden layer": {},
    "MNIST": MNIST,
    "every layer": DEEP,
    "MNIST, every layer": {**DEEP, **MNIST},
}
CASES = [("MNIST, every layer", form) for form in FORMS]
CASES += [
    (network, form)
    for network in ("one hidden layer", "MNIST", "every layer")
    for form in ("opset 17", "int8", "pixels")
]


@cache
def digits() -> Bytes:
    return load_digits().train.images


def proto(model: Model, form: ExportOptions | None = None) -> "onnx.ModelProto":
    from onnx import load_model_from_string

    return load_model_from_string(onnx_graph.to_onnx(model, form))


def differences(model: Model, form: ExportOptions, images: np.ndarray) -> dict[str, float]:
    """Return the largest difference of each runtime's probabilities from the core's."""
    from onnx import checker

    content = onnx_graph.to_onnx(model, form)
    checker.check_model(content, full_check=True)
    expected = softmax(verify.reference(model, form, images))
    pixels = verify.pixels(images, form, model.source)
    run_by_name = {"onnxruntime": runtimes.onnxruntime}
    if not form.int8 or form.opset >= 19:
        run_by_name["onnx.reference"] = runtimes.reference
    return {
        name: float(np.abs(run(content, pixels, form.outputs)["probabilities"] - expected).max())
        for name, run in run_by_name.items()
    }


@pytest.mark.parametrize(("network", "form"), CASES)
def test_export_probabilities(network: str, form: str) -> None:
    """Every runtime returns the core's probabilities, for any network and options."""
    model = random_model(NETWORKS[network])
    images = enlarged()[:300] if model.source.name == "mnist" else digits()
    found = differences(model, FORMS[form], images)
    assert max(found.values()) < 1e-6, found


@given(
    below=st.lists(st.sampled_from(KINDS), max_size=3),
    before=st.lists(st.sampled_from(KINDS), max_size=2),
    after=st.lists(st.sampled_from(KINDS), max_size=4),
    hidden=st.lists(st.integers(1, 6), min_size=1, max_size=2),
    scaling=st.sampled_from([{"mean": 0.5}, {"std": 0.25}, {"mean": -1, "std": 2}, {}]),
)
def test_export_probabilities_of_any_layers(
    below: list[object],
    before: list[object],
    after: list[object],
    hidden: list[int],
    scaling: dict[str, float],
) -> None:
    model = random_model(
        {
            "network.input": below,
            "network.block": [*before, "dense", *after],
            "network.hidden": hidden,
            "preprocess": {"divide": 16, **scaling},
        }
    )
    assert max(differences(model, ExportOptions(), digits()[:100]).values()) < 1e-5


def test_fold_batch_norm_after_dense() -> None:
    """Batch normalization after a dense layer is folded into its weights and biases."""
    # one unit with the weights 2 and 3 and the bias 1, then (z - 5) / 2 * 4 + 6, as 3.99999 + 1e-5
    # is the square of 2
    model = random_model({"network.hidden": [1], "network.block": ["dense", "batch_norm"]})
    dense, norm, _ = model.network.layers
    dense.parameters[:] = 0
    dense.parameters[0, [0, 1, 64]] = np.array([2, 3, 1])
    norm.parameters[:, 0] = np.array([4, 6])
    norm.statistics[:, 0] = np.array([5, 4 - 1e-5])
    product, last = folding.inference_steps(model)
    assert isinstance(product, DenseStep)
    assert isinstance(last, DenseStep)
    # 4/2 * (2 x + 3 y + 1 - 5) + 6 = 4 x + 6 y - 2
    np.testing.assert_allclose(product.weights[0, :3], [4, 6, 0], rtol=1e-6)
    np.testing.assert_allclose(product.biases, [-2], rtol=1e-6)


def test_fold_batch_norm_before_dense() -> None:
    """Batch normalization after an activation is folded into the next dense layer."""
    model = random_model({"network.hidden": [2], "network.block": ["dense", "relu", "batch_norm"]})
    *_, norm, last = model.network.layers
    norm.parameters[:] = np.array([[4, 1], [6, 0]])
    norm.statistics[:] = np.array([[5, 0], [4 - 1e-5, 1 - 1e-5]])
    last.parameters[:] = 0
    last.parameters[0, :] = np.array([3, 7, 2])
    _, activation, product = folding.inference_steps(model)
    assert isinstance(activation, ActivationStep)
    assert isinstance(product, DenseStep)
    # 3 * (4/2 * (x - 5) + 6) + 7 y + 2 = 6 x + 7 y - 10
    np.testing.assert_allclose(product.weights[0], [6, 7], rtol=1e-6)
    np.testing.assert_allclose(product.biases[0], -10, rtol=1e-6)


def test_fold_batch_norm_between_activations() -> None:
    """Batch normalization becomes a step only between two activations."""
    steps = folding.inference_steps(random_model(DEEP))
    block = [DenseStep, ActivationStep, AffineStep, ActivationStep, AffineStep, ActivationStep]
    assert [type(step) for step in steps] == [*block, *block, *block, DenseStep]


def test_fold_columns() -> None:
    """The means of columns are subtracted before the first product: they may be large."""
    table = {"kind": "table", "columns": 2, "classes": 3, "rows": 50}
    scaling = {"divide": 2, "mean": [1000, 1e6], "std": [4, 8]}
    model = random_model({"data": table, "preprocess": scaling})
    first, second, *_ = folding.inference_steps(model)
    assert isinstance(first, StandardizeStep)
    assert (first.mean.tolist(), first.factor.tolist()) == ([1000, 1e6], [1 / 4, 1 / 8])
    assert isinstance(second, DenseStep)
    np.testing.assert_array_equal(second.weights, model.network.layers[0].named_arrays()["W"])
    rows = np.random.default_rng(0).normal([2000, 2e6], [8, 16], (50, 2)).astype(np.float32)
    for form in (ExportOptions(), ExportOptions(21, int8=True)):
        assert max(differences(model, form, rows).values()) < 5e-6


def test_fold_batch_norm_without_variance() -> None:
    """A pixel that is always black has a factor of 316, and stays black."""
    # such a pixel has no variance, so normalization multiplies it by 1 / sqrt(1e-5) = 316
    model = random_model(
        {"network.input": ["batch_norm"], "preprocess": {"divide": 16, "mean": 0.13, "std": 0.31}}
    )
    norm, *_ = model.network.layers
    norm.parameters[:] = np.array([[1], [0]])
    norm.statistics[:] = np.array([[-0.13 / 0.31], [0]])
    assert max(differences(model, ExportOptions(), 0 * digits()[:5]).values()) < 5e-6
    product, *_ = folding.inference_steps(model)
    assert isinstance(product, DenseStep)
    bias = model.network.layers[1].parameters[:, -1]
    np.testing.assert_allclose(product.biases, bias, atol=1e-4)


def test_tanh_saturates_before_the_clip() -> None:
    assert np.tanh(np.float32(20)) == 1
    assert np.tanh(np.float32(-20)) == -1


def test_int8_quantize() -> None:
    quantized, factor = quantize.quantize(np.array([[1.27, -0.64, 0.004], [0, 0, 0]], np.float32))
    np.testing.assert_allclose(factor, [0.01, 1], rtol=1e-6)
    assert quantized.tolist() == [[127, -64, 0], [0, 0, 0]]
    assert quantized.dtype == np.int8


def test_graph_names() -> None:
    graph_proto = proto(
        random_model({**DEEP, "network.hidden": [5]}), ExportOptions(outputs=("logits", "label"))
    ).graph
    assert [node.name for node in graph_proto.node] == [
        *("cast", "flatten", "scale"),
        *(
            "fc1",
            "leaky_relu1",
            "stretch1",
            "shift1",
            "clip1",
            "tanh1",
            "stretch2",
            "shift2",
            "sigmoid1",
        ),
        *("fc2", "argmax"),
    ]
    assert [tensor.name for tensor in graph_proto.initializer] == [
        *("divide", "W1", "b1", "factor1", "addend1"),
        *("tanh_from", "tanh_to", "factor2", "addend2"),
        *("W2", "b2"),
    ]
    assert [value.name for value in graph_proto.input] == ["image"]
    assert [value.name for value in graph_proto.output] == ["logits", "label"]


def test_graph_of_one_hidden_layer() -> None:
    graph_proto = proto(random_model()).graph
    assert [node.op_type for node in graph_proto.node] == [
        *("Cast", "Flatten", "Div", "Gemm", "Relu", "Gemm", "Softmax")
    ]
    assert [node.name for node in graph_proto.node][-4:] == ["fc1", "relu1", "fc2", "softmax"]


@pytest.mark.parametrize(
    ("form", "name", "kind", "shape"),
    [
        (ExportOptions(), "image", "UINT8", ["N", 28, 28]),
        (ExportOptions(input="pixels"), "pixels", "FLOAT", ["N", 784]),
    ],
)
def test_graph_input_and_batch(
    form: ExportOptions, name: str, kind: str, shape: list[object]
) -> None:
    """The batch is a symbol in the input and in every output."""
    from onnx import TensorProto

    exported = proto(random_model(MNIST), form).graph
    (value,) = exported.input
    tensor = value.type.tensor_type
    assert (value.name, TensorProto.DataType.Name(tensor.elem_type)) == (name, kind)
    assert [axis.dim_param or axis.dim_value for axis in tensor.shape.dim] == shape
    for output in exported.output:
        assert output.type.tensor_type.shape.dim[0].dim_param == "N"


@pytest.mark.parametrize(
    ("opset", "ir"),
    [(13, 7), (14, 7), (15, 8), (16, 8), (17, 8), (18, 8), (19, 9), (20, 9), (21, 10)],
)
def test_graph_ir_version(opset: int, ir: int) -> None:
    exported = proto(random_model(), ExportOptions.checked(opset=opset))
    assert [(item.domain, item.version) for item in exported.opset_import] == [("", opset)]
    assert exported.ir_version == ir


def test_options_default_opset() -> None:
    assert (ExportOptions.checked().opset, ExportOptions.checked().ir_version) == (17, 8)
    assert (
        ExportOptions.checked(int8=True).opset,
        ExportOptions.checked(int8=True).ir_version,
    ) == (21, 10)
    assert ExportOptions.checked(int8=True, opset=17).opset == 17


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"opset": 12}, "Invalid --opset; expected 13 to 21, got 12"),
        ({"opset": 22}, "got 22"),
        ({"input_form": "jpeg"}, "Invalid --input; expected image or pixels, got 'jpeg'"),
        ({"outputs": ["logit"]}, "There is no output 'logit'"),
        ({"outputs": ["label"]}, "A label or class alone cannot be verified"),
    ],
)
def test_options_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ExportOptions.checked(**arguments)  # type: ignore[arg-type]


def test_options_output_order() -> None:
    assert ExportOptions.checked(outputs=["label", "logits", "probabilities", "label"]).outputs == (
        "probabilities",
        "logits",
        "label",
    )


def test_export_label() -> None:
    model, form = random_model(), ExportOptions(outputs=("logits", "label"))
    pixels = digits().reshape(-1, 8, 8)
    found = runtimes.onnxruntime(onnx_graph.to_onnx(model, form), pixels, form.outputs)
    assert found["label"].dtype == np.int64
    np.testing.assert_array_equal(found["label"], model.logits(digits()).argmax(axis=1))


def test_graph_metadata() -> None:
    model = random_model({"data": {"kind": "digits", "split": {"test": 360, "seed": 42}}})
    exported = proto(model)
    properties = {line.key: line.value for line in exported.metadata_props}
    assert list(properties) == [
        *("entry", "version", "config", "facts", "data_sha256", "weights_sha256", "classes"),
        *("accuracy", "accuracy_split", "licence"),
        *("Image.BitmapPixelFormat", "Image.NominalPixelRange", "sha256"),
    ]
    assert json.loads(properties["config"])["network"]["hidden"] == [7]
    assert json.loads(properties["classes"]) == [str(digit) for digit in range(10)]
    assert (properties["accuracy"], properties["accuracy_split"]) == ("0.75", "train")
    assert properties["licence"] == "pictures: scikit-learn's digits, CC BY 4.0"
    assert properties["Image.NominalPixelRange"] == "NominalRange_0_16"
    assert properties["data_sha256"] == "d" * 64
    assert (exported.producer_name, exported.domain) == ("zoo", "zoo")
    assert exported.doc_string.startswith(
        "One white digit on black, 8 x 8 values from 0 (paper) to 16"
    )
    assert exported.doc_string.endswith("Scaling and flattening are done inside.")
    assert metadata.read_metadata(exported, where="") == model.facts


def test_graph_metadata_missing_plugin() -> None:
    """A file that needs a missing plugin says so, as a weights file does."""
    exported = proto(random_model(DEEP))
    properties = {line.key: line for line in exported.metadata_props}
    properties["config"].value = properties["config"].value.replace('"tanh"', '"swish"')
    facts = json.loads(properties["facts"].value) | {"packages": {"zoo-swish": "0.1 f00"}}
    properties["facts"].value = json.dumps(facts)
    del exported.metadata_props[-1]
    checksum = hashlib.sha256(exported.SerializeToString(deterministic=True)).hexdigest()
    exported.metadata_props.add(key="sha256", value=checksum)
    with pytest.raises(MissingPluginError, match=r"x\.onnx needs zoo-swish 0\.1, which") as caught:
        metadata.read_metadata(exported, where="x.onnx")
    assert caught.value.hint == "Run `pip install zoo-swish`."


def test_graph_class_output() -> None:
    """The output `class` has the names of the classes as texts."""
    table = {"kind": "table", "columns": 4, "classes": 3, "rows": 50, "labels": ["a", "é", "c d"]}
    model = random_model({"data": table})
    form = ExportOptions(outputs=("probabilities", "class"))
    content = onnx_graph.to_onnx(model, form)
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    expected = np.array(["a", "é", "c d"])[model.logits(rows).argmax(axis=1)]
    for run in (runtimes.onnxruntime, runtimes.reference):
        assert run(content, rows, form.outputs)["class"].tolist() == expected.tolist()
    assert [value.name for value in proto(model, form).graph.output] == ["probabilities", "class"]
    report = verify.verify(content, model, form, SampleInputs(rows, ""))
    names = {runtime.name for runtime in report.skipped}
    assert names <= {"OpenCV", "tract"}


def test_graph_doc_string_of_pixels() -> None:
    ending = "Its rows stand one behind the other; scaling is done inside."
    assert proto(random_model(), ExportOptions(input="pixels")).doc_string.endswith(ending)


def test_graph_metadata_of_int8() -> None:
    """An int8 file has no accuracy, because that of the record was measured with floats."""
    exported = proto(random_model(), ExportOptions(21, int8=True))
    properties = {line.key: line.value for line in exported.metadata_props}
    assert (properties["accuracy"], properties["accuracy_split"]) == ("not measured", "none")
    facts = metadata.read_metadata(exported, where="")
    assert facts is not None
    assert facts.scores == {}


def test_graph_metadata_of_mnist() -> None:
    properties = {line.key: line.value for line in proto(random_model(MNIST)).metadata_props}
    assert properties["Image.BitmapPixelFormat"] == "Gray8"
    assert properties["Image.NominalPixelRange"] == "NominalRange_0_255"


def test_graph_has_no_external_data() -> None:
    for tensor in proto(random_model(DEEP)).graph.initializer:
        assert tensor.HasField("raw_data")
        assert not tensor.external_data


@pytest.mark.parametrize("form", FORMS)
def test_export_missing_numbers(form: str) -> None:
    """A row with NaN has the logits of the row with the means, in the graph itself."""
    trained, options = model_with_means(), FORMS[form]
    gaps = np.array([[np.nan, 7, np.nan], [3, np.nan, 2], [1, 2, 3]], np.float32)
    rows = np.array([[1, 7, 0.5], [3, -2, 2], [1, 2, 3]], np.float32)
    content = onnx_graph.to_onnx(trained, options)
    outputs = runtimes.onnxruntime(content, gaps, options.outputs)
    expected = softmax(verify.reference(trained, options, rows))
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)


def test_export_missing_numbers_verified() -> None:
    """The sample rows have missing numbers, so a graph without the means is refused."""
    trained, options = model_with_means(), ExportOptions()
    inputs = sample_inputs(trained.entry)
    assert inputs.description == "random rows with missing numbers"
    assert 0.15 < np.isnan(inputs.images).mean() < 0.25
    verified = verify.verify(onnx_graph.to_onnx(trained, options), trained, options, inputs)
    assert verified.agreements
    assert not np.isnan(samples(trained.entry)).any()


def test_graph_names_of_means() -> None:
    """The means stand before everything else; the description names NaN."""
    graph = proto(model_with_means()).graph
    assert [node.op_type for node in graph.node][:3] == ["IsNaN", "Where", "Div"]
    assert graph.doc_string.startswith("A row of a, b and c. NaN is a missing number.")


def test_sample_inputs_enlarged_digits() -> None:
    """Enlarged digits keep their ink and a margin."""
    big, small = enlarged().reshape(-1, 28, 28), digits().reshape(-1, 8, 8)
    assert big.dtype == np.uint8
    assert not big[:, :2].any()
    assert not big[:, :, -2:].any()
    # every pixel became 3 x 3 of them, and 16 became 255
    ink = big.sum(axis=(1, 2)) / (small.sum(axis=(1, 2)) * 9 * 255 / 16)
    assert 0.97 < ink.min() < ink.max() < 1.03


def test_sample_inputs_without_mnist() -> None:
    inputs = sample_inputs(random_model(MNIST).entry)
    assert len(inputs) == 1797
    assert inputs.description == "scikit-learn's digits enlarged to 28 x 28"
    assert samples(random_model(MNIST).entry).shape == (3, 784)


def test_sample_inputs_of_digits() -> None:
    inputs = sample_inputs(random_model().entry)
    np.testing.assert_array_equal(inputs.images, digits())
