"""A bundle as a folder: the same files, and beside them the models as ONNX, with their tests."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.bundle.app.integrity import SUMS, format_sums
from zoo.bundle.contents import DECIMALS, Files, contents, probabilities, test_vectors
from zoo.bundle.pyz import run_isolated
from zoo.export.options import ExportOptions
from zoo.export.verify import pixels
from zoo.export.write import write_onnx
from zoo.files import write_new_folder
from zoo.training.model import Model

START = "run.py"  # Python would leave a compiled __main__.py in a folder
TESTS = "test_data_set_0"  # where ONNX's own tools look for inputs and outputs


def write_folder(models: Sequence[Model], path: Path) -> str:
    """Write the models as a folder that runs, once it has; return what it said of itself."""
    files = contents(models)
    files[START] = files.pop("__main__.py")
    for model in models:
        files |= {f"models/{model.name}/{name}": text for name, text in _onnx(model).items()}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files[SUMS] = format_sums(sums).encode()
    with tempfile.TemporaryDirectory(prefix="zoo-") as home:
        tried = Path(home) / path.name
        write_new_folder(tried, files)
        said = run_isolated(tried / START, path.name)
    write_new_folder(path, files)
    return said


def _onnx(model: Model) -> Files:
    """Return the export, the record of its verification, and test pictures as ONNX keeps them."""
    from onnx import numpy_helper

    form = ExportOptions()
    with tempfile.TemporaryDirectory(prefix="zoo-") as home:
        write_onnx(model, Path(home), form)
        found = {one.name: one.read_bytes() for one in sorted(Path(home).iterdir())}
    images, logits = test_vectors(model)
    arrays = {
        "input_0": (form.feed(model.source), pixels(images, form, model.source)),
        "output_0": ("probabilities", probabilities(logits)),
        "output_1": ("logits", logits.round(DECIMALS).astype(np.float32)),
    }
    for file, (name, array) in arrays.items():
        tensor = numpy_helper.from_array(array, name)
        found[f"{TESTS}/{file}.pb"] = tensor.SerializeToString(deterministic=True)
    return found
