"""Cache of parsed images: parsing CSV takes seconds."""

import hashlib
import io
from pathlib import Path

import numpy as np

from zoo.data.dataset import LabeledImages
from zoo.files import open_atomically
from zoo.system.files import open_regular

DIGEST_SIZE = hashlib.sha256().digest_size


def save_cache(path: Path, pool: LabeledImages) -> None:
    """Write the SHA-256 of the arrays of `pool`, then the arrays one after the other."""
    content = io.BytesIO()
    for array in (pool.images, pool.labels):
        if array is not None:
            np.save(content, array, allow_pickle=False)
    with open_atomically(path) as file:
        file.write(hashlib.sha256(content.getbuffer()).digest())
        file.write(content.getbuffer())


def load_cache(path: Path, *, labelled: bool) -> LabeledImages | None:
    """Return the images cached at `path`; None if it is missing, damaged or of the other kind."""
    try:
        with open_regular(path) as file:
            # The checksum is verified before anything is parsed.
            expected = file.read(DIGEST_SIZE)
            if hashlib.file_digest(file, "sha256").digest() != expected:
                return None
            file.seek(DIGEST_SIZE)
            images = np.load(file, allow_pickle=False)
            if not labelled:  # a file that was cached with labels is not one without
                return None if file.read(1) else LabeledImages(images, None)
            return LabeledImages(images, np.load(file, allow_pickle=False))
    except (OSError, EOFError):  # EOFError: it was cached without labels
        return None
