"""What answers under a name: an entry, a run, or a file of weights."""

import os
from pathlib import Path

from zoo import model, store
from zoo.catalog import read_catalog, read_entry
from zoo.errors import CorruptFile
from zoo.model import Answering

PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".npz", ".h5", ".keras")


def find(word: str, *, runs: Path) -> Answering:
    """Return the model that the word names: a file by its ending, then a run, then an entry."""
    path = Path(word)
    suffix = path.suffix.lower()
    if suffix in PICKLED:
        raise CorruptFile(
            f"{word} is no model that zoo reads: such a file may run code when it is opened, "
            "or does not say which network it holds.",
            hint="zoo takes .safetensors and .onnx, a run, or a name from `zoo list`.",
        )
    if suffix == ".safetensors":
        return model.of_file(path)
    if suffix == ".toml":
        return model.shipped(read_entry(path).entry)
    if store.RUN_NAME.fullmatch(path.name) or os.sep in word:
        return model.of_run(store.find(runs, word))
    return model.shipped(read_catalog().find(word).entry)
