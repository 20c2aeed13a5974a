"""Serialization of datasets, for machines that do not have the files."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Dataset, LabeledImages

KEY = "dataset"  # the key of the metadata in the header
SPLIT_ARRAYS = ("groups", "validation")  # on which a split depends


def serialize(dataset: Dataset) -> bytes:
    """Return a dataset as safetensors bytes."""
    from safetensors.numpy import save

    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, pool in (("train", dataset.train), ("test", dataset.test)):
        if pool is not None:
            arrays[f"{name}.images"] = np.ascontiguousarray(pool.images)
            if pool.labels is not None:
                arrays[f"{name}.labels"] = np.ascontiguousarray(pool.labels)
    for name in SPLIT_ARRAYS:
        if (array := getattr(dataset, name)) is not None:
            arrays[name] = np.ascontiguousarray(array)
    metadata = {
        "name": dataset.name,
        "shape": dataset.shape,
        "classes": dataset.classes,
        "source": dataset.source,
        "digest": dataset.digest,
    }
    return save(arrays, {KEY: json.dumps(metadata)})


def deserialize(content: bytes) -> Dataset:
    """Return the dataset that was serialized."""
    from safetensors.numpy import load

    arrays = load(content)
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][KEY])
    pools = {
        name: LabeledImages(arrays[f"{name}.images"], arrays.get(f"{name}.labels"))
        for name in ("train", "test")
        if f"{name}.images" in arrays
    }
    return Dataset(
        name=metadata["name"],
        shape=tuple(metadata["shape"]),
        classes=metadata["classes"],
        train=pools["train"],
        test=pools.get("test"),
        source=metadata["source"],
        digest=metadata["digest"],
        **{name: arrays.get(name) for name in SPLIT_ARRAYS},
    )
