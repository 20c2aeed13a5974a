"""Parsed pictures, kept in the cache because CSV takes seconds to parse."""

import hashlib
import io
from pathlib import Path

import numpy as np

from zoo.data.dataset import LabeledImages
from zoo.files import open_atomically

DIGEST_SIZE = hashlib.sha256().digest_size


def save_cache(path: Path, pool: LabeledImages) -> None:
    """Write the arrays of `pool` one behind the other, and before them their SHA-256."""
    content = io.BytesIO()
    for array in (pool.images, pool.labels):
        if array is not None:
            np.save(content, array, allow_pickle=False)
    with open_atomically(path) as file:
        file.write(hashlib.sha256(content.getbuffer()).digest())
        file.write(content.getbuffer())


def load_cache(path: Path, *, labelled: bool) -> LabeledImages | None:
    """Return the pool kept at `path`, or nothing where there is none or it is damaged."""
    try:
        with path.open("rb") as file:
            # Nothing is parsed before all of it is known to be what was written.
            expected = file.read(DIGEST_SIZE)
            if hashlib.file_digest(file, "sha256").digest() != expected:
                return None
            file.seek(DIGEST_SIZE)
            images = np.load(file, allow_pickle=False)
            return LabeledImages(images, np.load(file, allow_pickle=False) if labelled else None)
    except (OSError, EOFError):  # the latter where it was kept without labels
        return None
