"""Exports of models of own data: verified, read by names of columns, and without folders."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import zoo_ok
from tests.helpers.own_data import (
    COLUMNS,
    iris,
    write_csv,
    write_digits,
    write_iris,
    write_patients,
    write_shapes,
)
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.export.metadata import read_metadata
from zoo.export.onnx_safety import read
from zoo.training.model import load_run
from zoo.training.run import Run


def exported(entry: Path, *options: str) -> tuple[Path, Path]:
    """Train an entry and export the run beside the data; return the run and the ONNX file."""
    runs = entry.parent / "runs"
    zoo_ok("train", entry, "--set", "train.epochs=5", "--runs", runs)
    (folder,) = runs.iterdir()
    zoo_ok("export", folder, "--onnx", "-o", ".", *options, cwd=entry.parent)
    return folder, entry.parent / f"{folder.name}.onnx"


@pytest.mark.parametrize(
    ("write", "source"),
    [(write_iris, "iris.csv"), (write_patients, "patients.csv"), (write_shapes, "shapes")],
)
@pytest.mark.parametrize("option", ["--output=probabilities,class", "--int8"])
def test_export_own_data(
    write: Callable[[Path], Path], source: str, option: str, tmp_path: Path
) -> None:
    """An export predicts the user's files, and is evaluated on them, like its run."""
    folder, onnx = exported(write(tmp_path), option)
    data = tmp_path / source
    predicted = zoo_ok("predict", onnx, data, "--quiet")
    report = json.loads(zoo_ok("evaluate", onnx, "--data", data, "--json"))
    if option != "--int8":
        assert predicted == zoo_ok("predict", folder, data, "--quiet")
        of_run = json.loads(zoo_ok("evaluate", folder, "--json"))
        assert report["accuracy"] == of_run["accuracy"]
        assert list(report["classes"]) == list(of_run["classes"])
    assert str(tmp_path).encode() not in onnx.read_bytes()
    assert str(tmp_path) not in onnx.with_suffix(".json").read_text()


def test_export_class_of_a_table(tmp_path: Path) -> None:
    """Names of columns and classes are metadata, and the classes are an output of texts."""
    import onnxruntime

    folder, onnx = exported(write_iris(tmp_path), "--output", "probabilities,class")
    proto = read(onnx)
    properties = {line.key: line.value for line in proto.metadata_props}
    assert json.loads(properties["columns"]) == list(COLUMNS[:4])
    assert json.loads(properties["classes"]) == ["setosa", "versicolor", "virginica"]
    assert "sepal length, sepal width, petal length and petal width" in proto.doc_string
    assert read_metadata(proto, where="it") is not None
    record = json.loads(onnx.with_suffix(".json").read_text())
    assert record["columns"] == list(COLUMNS[:4])
    assert [output["type"] for output in record["outputs"]] == ["float32", "string"]
    session = onnxruntime.InferenceSession(os.fspath(onnx))
    rows = np.array([row[:4] for row in iris()], np.float32)
    (classes,) = session.run(["class"], {"rows": rows})
    predicted = zoo_ok("predict", folder, tmp_path / "iris.csv", "--quiet")
    assert classes.tolist() == predicted.split()
    turned = [[*reversed(row[:4])] for row in iris()]
    other = write_csv(tmp_path / "other.csv", tuple(reversed(COLUMNS[:4])), turned)
    assert zoo_ok("predict", onnx, other, "--quiet") == predicted


def test_export_class_of_images(tmp_path: Path) -> None:
    """The names of the folders are metadata, and an output of texts."""
    import onnxruntime

    folder, onnx = exported(write_shapes(tmp_path), "--output", "probabilities,label,class")
    properties = {line.key: line.value for line in read(onnx).metadata_props}
    assert json.loads(properties["classes"]) == ["circle", "cross", "square"]
    images = load_run(Run(folder)).entry.data.model_copy(update={"path": str(tmp_path / "shapes")})
    pixels = load(images, locations_from_environment()).train.images.reshape(-1, 12, 12)
    session = onnxruntime.InferenceSession(os.fspath(onnx))
    labels, classes = session.run(["label", "class"], {"image": pixels})
    assert classes.tolist() == [images.source.names[label] for label in labels]
    assert classes.tolist() == zoo_ok("predict", folder, tmp_path / "shapes", "--quiet").split()


def test_export_of_a_table_with_texts(tmp_path: Path) -> None:
    """The columns are those of the input `rows`: one for each category."""
    _, onnx = exported(write_patients(tmp_path))
    record = json.loads(onnx.with_suffix(".json").read_text())
    assert record["columns"] == ["age", "sex=female", "sex=male", "year", "seconds"]
    assert record["classes"] == ["treat", "wait; see"]


def test_export_of_arrays(tmp_path: Path) -> None:
    folder, onnx = exported(write_digits(tmp_path))
    data = ("--data", tmp_path / "digits.npz", "--quiet")
    assert zoo_ok("predict", onnx, "test:0-9", *data) == zoo_ok("predict", folder, "test:0-9", "-q")


def test_export_is_verified_on_the_rows_of_the_run(tmp_path: Path) -> None:
    """The rows are found from any folder, and the files still name no folder."""
    (tmp_path / "data").mkdir()
    entry = write_iris(tmp_path / "data")
    zoo_ok("train", entry, "--epochs", "5", "--runs", tmp_path / "runs")
    zoo_ok("export", tmp_path / "runs/irises-s0-1", "--onnx", "-o", tmp_path, cwd=tmp_path / "runs")
    record = (tmp_path / "irises-s0-1.json").read_text()
    assert json.loads(record)["verified"]["pictures"] == "the rows of iris.csv, and random ones"
    assert str(tmp_path) not in record
    assert str(tmp_path).encode() not in (tmp_path / "irises-s0-1.onnx").read_bytes()
