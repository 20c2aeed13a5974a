"""What is known of each dataset before a file is opened: its size, its pins and its mirrors.

Nothing here needs NumPy, since `zoo list` and every entry read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A dataset as a list shows it."""

    name: str
    title: str
    train: int
    test: int
    shape: tuple[int, int]
    highest: int  # value of a pixel; 0, where a row is no picture
    classes: int
    licence: str
    remedy: str
    appearance: str  # what a picture must look like, in a sentence
    labels: tuple[str, ...] = ()  # the names of the classes, where they are no numbers

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.labels or tuple(map(str, range(self.classes)))

    @property
    def noun(self) -> str:
        """What a row is."""
        return "picture" if self.has_images else "row"

    @property
    def numbers(self) -> str:
        """What a row is made of."""
        return "pixels" if self.has_images else "columns"

    @property
    def example(self) -> str:
        """What stands for a file in a command."""
        return "PICTURE" if self.has_images else "ROWS.csv"

    @property
    def label_noun(self) -> str:
        """What it is taken for."""
        return "digit" if self.has_images and not self.labels else "class"

    def label_of(self, label: int) -> int | str:
        """Return the name of a class, or its number where that is all it has."""
        return self.labels[label] if self.labels else label

    @property
    def has_images(self) -> bool:
        """Whether a row is a picture, and not just numbers."""
        return self.highest > 0


@dataclass(frozen=True)
class PinnedFile:
    """A file known by its content, packed or not: its name, its bytes and their SHA-256."""

    name: str
    size: int
    sha256: str


LIKE_MNIST = (
    "One white digit on black, 28 x 28 grey values from 0 (paper) to 255 (ink): its longer side "
    "is 20 pixels, and its centre of mass lies in the middle."
)


def describe_size(shape: Sequence[int]) -> str:
    """Return such as "28 x 28"."""
    return " x ".join(map(str, shape))


SOURCES = {
    source.name: source
    for source in (
        Source(
            name="digits",
            title="scikit-learn's digits",
            train=1_797,
            test=0,
            shape=(8, 8),
            highest=16,
            classes=10,
            licence="CC BY 4.0",
            remedy="pip install scikit-learn",
            appearance="One white digit on black, 8 x 8 values from 0 (paper) to 16 (ink): the "
            "digit was scaled to fill 32 x 32 pixels, and a value counts the ink in 4 x 4 of them.",
        ),
        Source(
            name="mnist",
            title="MNIST",
            train=60_000,
            test=10_000,
            shape=(28, 28),
            highest=255,
            classes=10,
            licence="CC BY-SA 3.0",
            remedy="zoo data fetch mnist",
            appearance=LIKE_MNIST,
        ),
        Source(
            name="kaggle",
            title="Kaggle's Digit Recognizer",
            train=42_000,
            test=28_000,
            shape=(28, 28),
            highest=255,
            classes=10,
            licence="CC BY-SA 3.0",
            remedy="zoo data import DIR",
            appearance=LIKE_MNIST,
        ),
    )
}

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
