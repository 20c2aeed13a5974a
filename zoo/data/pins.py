"""Pinned files: the size and SHA-256 of each file of a dataset, and the mirrors of MNIST."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PinnedFile:
    """A file identified by its unpacked content: its name, size and SHA-256."""

    name: str
    size: int
    sha256: str


# scikit-learn has shipped these bytes unchanged for as long as it has shipped the file. If a new
# release changes them, zoo refuses the file: results on other images would not be comparable.
DIGITS = PinnedFile(
    "digits.csv", 264_712, "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
)


# MNIST's digest depends on this order: train before test, images before labels.
MNIST = (
    PinnedFile(
        "train-images-idx3-ubyte",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    PinnedFile(
        "train-labels-idx1-ubyte",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    PinnedFile(
        "t10k-images-idx3-ubyte",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    PinnedFile(
        "t10k-labels-idx1-ubyte",
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)


# Tried in this order. MNIST's original page is not listed: it has refused downloads for years.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
