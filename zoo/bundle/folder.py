"""Bundles as folders: the files of a bundle, and the models as ONNX with test data."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.bundle.app.integrity import SUMS, format_sums
from zoo.bundle.contents import DECIMALS, Files, contents, probabilities, test_vectors
from zoo.bundle.pyz import run_isolated
from zoo.export.options import ExportOptions
from zoo.export.verify import pixels
from zoo.export.write import write_onnx
from zoo.files import check_new, temporary_folder, write_new_folder
from zoo.training.model import Model

START = "run.py"  # Python would write a compiled __main__.py into the folder
TESTS = "test_data_set_0"  # the folder in which ONNX's tools look for inputs and outputs


def write_folder(models: Sequence[Model], path: Path) -> str:
    """Write the models as a folder, after a copy of it verified itself; return its output."""
    check_new(path)  # before the exports are verified
    files = contents(models)
    files[START] = files.pop("__main__.py")
    for model in models:
        files |= {f"models/{model.name}/{name}": file for name, file in _onnx(model).items()}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files[SUMS] = format_sums(sums).encode()
    with temporary_folder() as home:
        copy = home / path.name
        write_new_folder(copy, files)
        output = run_isolated(copy / START, path.name)
    write_new_folder(path, files)
    return output


def _onnx(model: Model) -> Files:
    """Return the export, the record of its verification, and test data in ONNX's format."""
    from onnx import numpy_helper

    options = ExportOptions()
    with temporary_folder() as home:
        write_onnx(model, home, options)
        files = {file.name: file.read_bytes() for file in sorted(home.iterdir())}
    images, logits = test_vectors(model)
    arrays = {
        "input_0": (options.input_name(model.source), pixels(images, options, model.source)),
        "output_0": ("probabilities", probabilities(logits)),
        "output_1": ("logits", logits.round(DECIMALS).astype(np.float32)),
    }
    for file, (name, array) in arrays.items():
        tensor = numpy_helper.from_array(array, name)
        files[f"{TESTS}/{file}.pb"] = tensor.SerializeToString(deterministic=True)
    return files
