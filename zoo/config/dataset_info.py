"""The facts about each dataset that are known without its files.

This module does not import NumPy, because `zoo list` and every entry read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

# How an image of any size becomes one of the data: a digit's ink is centred, an image is scaled to
# the shape, or scaled and padded; "none" takes only images of the shape, as they are.
Fit = Literal["ink", "scale", "pad", "none"]


@dataclass(frozen=True)
class TableForm:
    """The columns of a table with names, in the order of the network's inputs."""

    columns: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]  # the texts of a column, each of which is an input
    missing: Literal["refuse", "mean"]
    means: tuple[float, ...]  # of the inputs, for missing values; empty if they are not known
    delimiter: str
    ignored: frozenset[str]  # other columns that the file may have: the label, and how to split

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the network's inputs, such as "age" and "sex=female"."""
        return tuple(
            f"{column}={text}" if text else column
            for column in self.columns
            for text in self.categories.get(column, ("",))
        )


@dataclass(frozen=True)
class Source:
    """The facts about a dataset."""

    name: str
    title: str
    train: int
    test: int
    shape: tuple[int, int]
    highest: int  # the largest value of a pixel; 0 if a row is not an image
    classes: int
    licence: str
    remedy: str
    appearance: str  # a sentence about a row, for users who supply their own
    labels: tuple[str, ...] = ()  # the names of the classes, if they are not numbers
    fit: Fit = "none"
    table: TableForm | None = None  # of a table whose columns have names

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.labels or tuple(map(str, range(self.classes)))

    @property
    def noun(self) -> str:
        """The word for a row."""
        return "image" if self.has_images else "row"

    @property
    def numbers(self) -> str:
        """The word for the features of a row."""
        return "pixels" if self.has_images else "columns"

    @property
    def label_noun(self) -> str:
        """The word for a predicted label."""
        return "digit" if self.has_images and not self.labels else "class"

    def label_of(self, label: int) -> int | str:
        """Return the name of a class, or its number if it does not have a name."""
        return self.labels[label] if self.labels else label

    @property
    def has_images(self) -> bool:
        """Whether a row is an image."""
        return self.highest > 0


LIKE_MNIST = (
    "One white digit on black, 28 x 28 grey values from 0 (paper) to 255 (ink): its longer side "
    "is 20 pixels, and its centre of mass lies in the middle."
)


def describe_size(shape: Sequence[int]) -> str:
    """Return a shape as text, such as "28 x 28"."""
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
            fit="ink",
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
            fit="ink",
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
            fit="ink",
        ),
    )
}
