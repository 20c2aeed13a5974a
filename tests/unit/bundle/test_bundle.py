"""Bundles: contents and refusals."""

import ast
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import zoo
from tests.helpers.models import random_model, shipped_model
from zoo.bundle import contents, folder, pyz
from zoo.bundle.app import integrity
from zoo.bundle.app.model import Model
from zoo.config.layers import PluginLayer
from zoo.errors import ConfigError
from zoo.export import folding, runtimes, verify
from zoo.export.runtimes import Runtime

PROGRAM = contents.program()


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    """Return a bundle of two models, opened as a zip file."""
    models = [shipped_model("mnist-128"), shipped_model("digits-10")]
    return zipfile.ZipFile(io.BytesIO(pyz.archive(contents.contents(models))))


@pytest.fixture
def _unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify the ONNX inside by onnxruntime alone, and do not run the bundle."""
    runtime = Runtime("onnxruntime", "1", runtimes.onnxruntime)
    monkeypatch.setattr(verify, "installed", lambda: [runtime])
    monkeypatch.setattr(folder, "run_isolated", lambda *_: "")


@pytest.mark.parametrize("name", PROGRAM)
def test_bundle_program_python_3_9(name: str) -> None:
    """The program inside parses as Python 3.9 and imports the standard library alone."""
    for node in ast.walk(ast.parse(PROGRAM[name], feature_version=(3, 9))):
        assert not isinstance(node, ast.Match)
        if isinstance(node, ast.Import):
            known = sys.stdlib_module_names | ({"numpy"} if name == "app/predict.py" else set())
            assert {alias.name.split(".")[0] for alias in node.names} <= known
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module is not None
            assert node.module.split(".")[0] in sys.stdlib_module_names | {"app"}


def test_bundle_archive(archive: zipfile.ZipFile) -> None:
    """The archive does not contain dates or properties of the machine."""
    assert archive.testzip() is None
    for info in archive.infolist():
        assert (info.date_time, info.compress_type) == ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        assert (info.create_system, info.external_attr >> 16) == (3, 0o100644)
    assert archive.namelist()[0] == "__main__.py"
    assert archive.read("LICENSE").decode().startswith("MIT License")
    assert "licence" in archive.read("LICENSE").decode().splitlines()[-1]


def test_bundle_weights(archive: zipfile.ZipFile) -> None:
    """The weights are little-endian float32 in a safetensors file."""
    from safetensors.numpy import load

    arrays = load(archive.read("models/mnist-128/weights.safetensors"))
    dense = shipped_model("mnist-128").network.layers[0]
    assert arrays["W1"].dtype == np.dtype("<f4")
    assert np.array_equal(arrays["W1"], dense.named_arrays()["W"].T)


def test_bundle_two_models_of_one_name() -> None:
    with pytest.raises(ConfigError, match="Two models are named 'digits-10'"):
        contents.contents([shipped_model("digits-10"), shipped_model("digits-10")])


def test_bundle_of_a_table_model() -> None:
    """Rows of a table are test inputs; model.json of a built-in model has no further keys."""
    table = {"kind": "table", "columns": 4, "classes": 3, "rows": 50}
    files = contents.contents([random_model({"data": table}), shipped_model("digits-10")])
    facts = json.loads(files["models/a-model/model.json"])
    assert (facts["shape"], facts["highest"]) == ([1, 4], 0)
    assert facts.keys() == json.loads(files["models/digits-10/model.json"]).keys()
    model = Model(files.__getitem__, "a-model")
    rows, _ = integrity.test_vectors(model)
    assert len(rows) == 20
    assert len(rows[0]) == 4
    assert integrity.check_predictions(model)[1] < 1e-6


def test_bundle_of_a_plugin_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    step = folding.PluginStep(PluginLayer.model_construct(kind="swish"), np.tanh)
    monkeypatch.setattr(folding, "inference_steps", lambda _: [step])
    with pytest.raises(ConfigError, match="digits-10 has the layer 'swish', which a plugin"):
        contents.contents([shipped_model("digits-10")])


def test_bundle_needs_a_name(tmp_path: Path) -> None:
    done = zoo("bundle", "digits-10", "mnist-128", cwd=tmp_path)
    assert done.exit_code == 2
    assert "A bundle of several models needs a file name." in done.stderr


@pytest.mark.usefixtures("_unverified")
def test_bundle_folder_exists(tmp_path: Path) -> None:
    """An existing folder is left unchanged."""
    (tmp_path / "mine").mkdir()
    done = zoo("bundle", "digits-10", "--kind", "folder", "-o", tmp_path / "mine")
    assert done.exit_code == 2
    assert "already exists" in done.stderr
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.usefixtures("_unverified")
def test_bundle_folder_named_like_its_entry(tmp_path: Path) -> None:
    """A folder in the place of the bundle is not read as a model."""
    (tmp_path / "digits-10").mkdir()
    done = zoo("bundle", "digits-10", "--kind", "folder", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("zoo: digits-10 already exists; nothing was written.")
