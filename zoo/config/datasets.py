"""The datasets that an entry can name."""

import json
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    Tag,
    TypeAdapter,
    model_validator,
)

from zoo.config.base import (
    BUILTIN_TAG,
    PLUGIN_TAG,
    AsTuple,
    ConfigModel,
    Count,
    ExpandShorthand,
    Label,
    PluginKind,
    builtin_or_plugin,
)
from zoo.config.dataset_info import SOURCES, Source


class Split(ConfigModel):
    """How many rows go where; drawn by a seed of its own, or anew by every run's seed."""

    train: Count | None = None
    validation: Annotated[int, Field(ge=0)] = 0
    test: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None


class DataConfig(ConfigModel):
    """Which rows, and how they are split."""

    split: Split = Split()

    @property
    def source(self) -> Source:
        """What is known of the rows."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What tells these rows from others: two entries with the same one read the same rows."""
        return self.source.name

    @property
    def features(self) -> int:
        """The numbers in a row: the pixels of a picture."""
        return self.source.shape[0] * self.source.shape[1]

    @property
    def train_rows(self) -> int:
        """The number of rows left for training."""
        return self.split.train or self.source.train - self.split.validation - self.split.test

    @model_validator(mode="after")
    def _splits_fit(self) -> Self:
        wanted = (self.split.train or 1) + self.split.validation + self.split.test
        if wanted > self.source.train:
            msg = f"the splits need {wanted:,} rows, and the data has {self.source.train:,}"
            raise ValueError(msg)
        if self.split.test and self.source.test:
            msg = "this data has a test split of its own, so split.test must stay 0"
            raise ValueError(msg)
        return self


class ImageData(DataConfig):
    """Pictures of digits; what is known of them stands in zoo.config.dataset_info."""

    kind: str

    @property
    def source(self) -> Source:
        """What is known of the pictures."""
        return SOURCES[self.kind]


class DigitsData(ImageData):
    """8 x 8 pictures with values 0 to 16, inside scikit-learn."""

    kind: Literal["digits"]


class MnistData(ImageData):
    """28 x 28 pictures with values 0 to 255."""

    kind: Literal["mnist"]


class KaggleData(ImageData):
    """MNIST in another order, as Kaggle hands it out."""

    kind: Literal["kaggle"]


class UserDescribedData(DataConfig):
    """Data that zoo knows nothing of but what the entry says."""

    classes: Count
    rows: Count
    labels: Annotated[tuple[Label, ...], AsTuple] = ()  # the names of the classes

    @model_validator(mode="after")
    def _every_class_has_a_name(self) -> Self:
        if len(set(self.labels)) not in {0, self.classes}:
            msg = f"{self.classes} classes have as many labels, each another"
            raise ValueError(msg)
        return self


class TableData(UserDescribedData):
    """Rows of numbers that are no pictures, handed over in Python."""

    kind: Literal["table"]
    columns: Count

    @property
    def source(self) -> Source:
        """What the entry says of the rows."""
        return Source(
            name=self.kind,
            title="a table",
            train=self.rows,
            test=0,
            shape=(1, self.columns),
            highest=0,
            classes=self.classes,
            licence="its owner's",
            remedy="zoo.train(entry, data=(rows, labels))",
            appearance=f"A row of {self.columns:,} numbers.",
            labels=self.labels,
        )


class PluginData(UserDescribedData, PluginKind):
    """Data that a package brings: rows of so many `columns`, or pictures of a `shape`."""

    plugin_types = ("data",)
    columns: Count | None = None
    shape: Annotated[tuple[Count, Count] | None, AsTuple] = None
    highest: Annotated[int, Field(ge=1, le=255)] | None = None  # value of a pixel
    test_rows: Annotated[int, Field(ge=0)] = 0  # that it keeps apart for the test
    title: str | None = None
    licence: str = "its owner's"

    @property
    def identity(self) -> str:
        """All that says which rows, and how they are numbered."""
        known = self.model_dump(mode="json", exclude={"split", "title", "licence"})
        return json.dumps(known, sort_keys=True)

    @property
    def source(self) -> Source:
        """What the entry says of it."""
        if self.shape:
            look = "A picture of {} x {} grey values from 0 to {}.".format(
                *self.shape, self.highest
            )
        else:
            look = f"A row of {self.columns or 0:,} numbers."
        return Source(
            name=self.kind,
            title=self.title or self.kind,
            train=self.rows,
            test=self.test_rows,
            shape=self.shape or (1, self.columns or 0),
            highest=self.highest or 0,
            classes=self.classes,
            licence=self.licence,
            remedy="install the package that brings it",
            appearance=look,
            labels=self.labels,
        )

    @model_validator(mode="after")
    def _columns_or_shape(self) -> Self:
        if (self.columns is None) != (self.shape is not None and self.highest is not None) or (
            (self.shape is None) != (self.highest is None)
        ):
            msg = "give either columns, or the shape of the pictures and the highest value"
            raise ValueError(msg)
        return self


BuiltinData = DigitsData | MnistData | KaggleData | TableData
Data = Annotated[
    Annotated[BuiltinData, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginData, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinData, PluginData),
    ExpandShorthand,
]


def data_config(kind: str) -> Data:
    """Return data of a kind with nothing said of it: all of it, unsplit."""
    return TypeAdapter[Data](Data).validate_python(kind)
