"""What answers under a name: an entry, a run, or a file of weights."""

import os
from pathlib import Path

from zoo.config.catalog import read_catalog, read_entry
from zoo.errors import ConfigError, CorruptFileError
from zoo.export.onnx_model import OnnxModel, RuntimeName, as_onnx, from_bytes, open_onnx
from zoo.training import model, weights
from zoo.training import runs as run_folders
from zoo.training.model import Classifier, Model
from zoo.training.run import RUN_NAME, Run

PICKLE_SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".npz", ".h5", ".keras")


def find(word: str, *, runs: Path, runtime: RuntimeName | None = None) -> Classifier:
    """Return what the word names, in a runtime: a file by its ending, then a run, then an entry.

    An .onnx answers in onnxruntime, or in onnx's own reference for "numpy"; everything else in the
    NumPy core, or as its own export for "onnx".
    """
    if Path(word).suffix.lower() == ".onnx":
        return open_onnx(Path(word), runtime=runtime or "onnx")
    found = find_model(word, runs=runs)
    return as_onnx(found) if runtime == "onnx" else found


def find_model(word: str, *, runs: Path) -> Model:
    """Return the network that the word names, by the same rules."""
    path = Path(word)
    suffix = path.suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        raise CorruptFileError(
            f"{word} is no model that zoo reads: such a file may run code when it is opened, "
            "or does not say which network it holds.",
            hint="zoo takes .safetensors and .onnx, a run, or a name from `zoo list`.",
        )
    if suffix == ".onnx":
        raise ConfigError(
            f"{word} holds a graph, from which the network cannot be had back.",
            hint="Name the run or the entry that it was exported from.",
        )
    if suffix == ".safetensors":
        return model.load_file(path)
    if suffix == ".toml":
        return model.load_shipped(read_entry(path).entry)
    if RUN_NAME.fullmatch(path.name) or os.sep in word:
        return model.load_run(run_folders.find_run(runs, word))
    return model.load_shipped(read_catalog().find(word).entry)


def serialize(answering: Classifier) -> bytes:
    """Return all that a machine needs that has not got it: a file of weights, or a graph's."""
    if isinstance(answering, Model):
        return weights.serialize(answering.network, answering.facts)
    if isinstance(answering, OnnxModel):
        return answering.content
    raise TypeError(answering)


def deserialize(content: bytes, *, name: str, graph: bool, runtime: RuntimeName) -> Classifier:
    """Return what answers as the packed one did, a graph in its runtime."""
    if graph:
        return from_bytes(content, name=name, runtime=runtime)
    return Model(name, *weights.deserialize(content, where=name))


def find_data_folder(word: str, *, runs: Path) -> Path | None:
    """Return where the run that the word names was told to find its data; nothing for others."""
    run = find_run(word, runs=runs)
    given = run.metadata["data"]["given"] if run else None
    return Path(given) if given else None


def find_run(word: str, *, runs: Path) -> Run | None:
    """Return the run that the word names; nothing for others."""
    return run_folders.find_run(runs, word) if RUN_NAME.fullmatch(Path(word).name) else None
