"""Loading models by name: an entry, a run, or a file."""

from pathlib import Path

from zoo.config.catalog import read_catalog, read_entry
from zoo.errors import ConfigError, CorruptFileError
from zoo.export.onnx_model import OnnxModel, RuntimeName, as_onnx, from_bytes, open_onnx
from zoo.inference.file_groups import IMAGE_SUFFIXES
from zoo.system.names import is_path
from zoo.training import model, weights
from zoo.training.model import Classifier, Model
from zoo.training.run import RUN_NAME, Run
from zoo.training.runs import find_run

PICKLE_SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".npz", ".h5", ".keras")


def find(name_or_path: str, *, runs: Path, runtime: RuntimeName | None = None) -> Classifier:
    """Return the model with this name: a file by its suffix, then a run, then an entry.

    "onnx" is onnxruntime, or onnx.reference if it is not installed. "numpy" is the core, and
    onnx.reference for an .onnx file.
    """
    if Path(name_or_path).suffix.lower() == ".onnx":
        return open_onnx(Path(name_or_path), runtime=runtime or "onnx")
    network = find_model(name_or_path, runs=runs)
    return as_onnx(network) if runtime == "onnx" else network


def find_model(name_or_path: str, *, runs: Path) -> Model:
    """Return the model with this name as a network, which an .onnx file does not contain."""
    path = Path(name_or_path)
    suffix = path.suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        raise CorruptFileError(
            f"{name_or_path} is not a supported model: such a file may run code when it is "
            "opened, or does not describe its network.",
            hint="Give a .safetensors or .onnx file, a run, or a name from `zoo list`.",
        )
    if suffix == ".onnx":
        raise ConfigError(
            f"{name_or_path} is an ONNX graph; zoo cannot recover the network from it.",
            hint="Give the run or the entry that it was exported from.",
        )
    if suffix == ".safetensors":
        return model.load_file(path)
    if suffix == ".toml":
        return model.load_shipped(read_entry(path).entry)
    if IMAGE_SUFFIXES.search(path.name.lower()):
        raise ConfigError(
            f"{name_or_path} is an image or a table; expected a model.",
            hint="Name the model first, for example mnist-128-best.",
        )
    if RUN_NAME.fullmatch(path.name) or is_path(name_or_path):
        return model.load_run(find_run(runs, name_or_path))
    return model.load_shipped(read_catalog().find(name_or_path).entry)


def serialize(classifier: Classifier) -> bytes:
    """Return a model for another machine: the content of a weights file or an ONNX file."""
    if isinstance(classifier, Model):
        return weights.serialize(classifier.network, classifier.facts)
    if isinstance(classifier, OnnxModel):
        return classifier.content
    raise TypeError(classifier)


def deserialize(content: bytes, *, name: str, graph: bool, runtime: RuntimeName) -> Classifier:
    """Return the model that was serialized; a graph runs in this runtime."""
    if graph:
        return from_bytes(content, name=name, runtime=runtime)
    return Model(name, *weights.deserialize(content, where=name))


def find_data_folder(name_or_path: str, *, runs: Path) -> Path | None:
    """Return the data folder that was given to the run with this name; None for other models."""
    run = find_run_or_none(name_or_path, runs=runs)
    given = run.metadata["data"]["given"] if run else None
    return Path(given) if given else None


def find_run_or_none(name_or_path: str, *, runs: Path) -> Run | None:
    """Return the run with this name; None for other models."""
    is_run = RUN_NAME.fullmatch(Path(name_or_path).name)
    return find_run(runs, name_or_path) if is_run else None
