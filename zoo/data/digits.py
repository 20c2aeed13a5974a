"""The digits that scikit-learn brings along, read without importing it."""

import io

import numpy as np

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Dataset, LabeledImages
from zoo.data.locations import digits_file
from zoo.data.pins import DIGITS, PinnedFile
from zoo.data.verified_files import WrongContentError, pinned_content, read_chunks
from zoo.errors import DataError


def load_digits(*, pinned: PinnedFile = DIGITS) -> Dataset:
    """Return the 1,797 digits of 8 x 8 pixels, each from 0 to 16."""
    path = digits_file()
    try:
        text = b"".join(pinned_content(read_chunks(path), pinned))
    except WrongContentError as wrong:
        raise DataError(
            f"{path} holds {wrong}.",
            hint="Install a scikit-learn that zoo knows: `pip install 'scikit-learn<2'`.",
        ) from wrong
    # The hash was right, so every row is 64 pixels and a label.
    table = np.loadtxt(io.BytesIO(text), delimiter=",", dtype=np.uint8)
    known = SOURCES["digits"]
    return Dataset(
        name=known.name,
        shape=known.shape,
        classes=known.classes,
        train=LabeledImages(
            np.ascontiguousarray(table[:, :-1]), np.ascontiguousarray(table[:, -1])
        ),
        test=None,
        source="digits.csv.gz of scikit-learn",
        digest=pinned.sha256,
    )
