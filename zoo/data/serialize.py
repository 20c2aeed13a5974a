"""A dataset as bytes, for a machine that has not got it."""

import json

import numpy as np
import numpy.typing as npt

from zoo.data.dataset import Dataset, LabeledImages

KEY = "dataset"  # in the header, what is no array


def serialize(dataset: Dataset) -> bytes:
    """Return all of a dataset."""
    from safetensors.numpy import save

    arrays: dict[str, npt.NDArray[np.uint8]] = {}
    for name, pool in (("train", dataset.train), ("test", dataset.test)):
        if pool is not None:
            arrays[f"{name}.images"] = np.ascontiguousarray(pool.images)
            if pool.labels is not None:
                arrays[f"{name}.labels"] = np.ascontiguousarray(pool.labels)
    known = {
        "name": dataset.name,
        "shape": dataset.shape,
        "classes": dataset.classes,
        "source": dataset.source,
        "digest": dataset.digest,
    }
    return save(arrays, {KEY: json.dumps(known)})


def deserialize(content: bytes) -> Dataset:
    """Return the dataset that was packed."""
    from safetensors.numpy import load

    arrays = load(content)
    length = int.from_bytes(content[:8], "little")
    known = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][KEY])
    pools = {
        name: LabeledImages(arrays[f"{name}.images"], arrays.get(f"{name}.labels"))
        for name in ("train", "test")
        if f"{name}.images" in arrays
    }
    return Dataset(
        name=known["name"],
        shape=tuple(known["shape"]),
        classes=known["classes"],
        train=pools["train"],
        test=pools.get("test"),
        source=known["source"],
        digest=known["digest"],
    )
