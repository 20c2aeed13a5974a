"""Pinned files: the size and the SHA-256 of every file of a dataset, and the mirrors of MNIST."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PinnedFile:
    """A file known by its content, packed or not: its name, its bytes and their SHA-256."""

    name: str
    size: int
    sha256: str


# scikit-learn has shipped these bytes unchanged for as long as it has shipped the file. Should a
# new release change them, every result on digits would speak of other pictures: that is refused.
DIGITS = PinnedFile(
    "digits.csv", 264_712, "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
)


# The order is the order of MNIST's digest: train before test, images before labels.
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


# Asked in this order. The page where MNIST was born is not among them: it has refused for years.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
