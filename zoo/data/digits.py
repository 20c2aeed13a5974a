"""scikit-learn's digits, read without importing scikit-learn."""

import io

import numpy as np

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Dataset, LabeledImages
from zoo.data.locations import DIGITS_REMEDY, digits_file
from zoo.data.pins import DIGITS, PinnedFile
from zoo.data.verified_files import WrongContentError, pinned_content, read_chunks
from zoo.errors import DataError


def load_digits(*, pinned: PinnedFile = DIGITS) -> Dataset:
    """Return the 1,797 digits: (1797, 64) uint8, with values from 0 to 16."""
    path = digits_file()
    try:
        text = b"".join(pinned_content(read_chunks(path), pinned))
    except WrongContentError as wrong:
        raise DataError(f"{path} contains {wrong}.", hint=DIGITS_REMEDY) from wrong
    # The hash is right, so each row consists of 64 pixels and a label.
    table = np.loadtxt(io.BytesIO(text), delimiter=",", dtype=np.uint8)
    source = SOURCES["digits"]
    return Dataset(
        name=source.name,
        shape=source.shape,
        classes=source.classes,
        train=LabeledImages(
            np.ascontiguousarray(table[:, :-1]), np.ascontiguousarray(table[:, -1])
        ),
        test=None,
        source="digits.csv.gz of scikit-learn",
        digest=pinned.sha256,
    )
