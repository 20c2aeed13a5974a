"""The datasets that an entry can name."""

import json
from typing import Annotated, Literal, Self

from pydantic import Field, Tag, TypeAdapter, model_validator

from zoo.config.base import (
    BUILTIN_TAG,
    PLUGIN_TAG,
    AsTuple,
    Count,
    ExpandShorthand,
    Label,
    PluginKind,
    builtin_or_plugin,
)
from zoo.config.data import DataConfig
from zoo.config.dataset_info import SOURCES, Source
from zoo.config.own_data import CsvData, FolderData, IdxData, NpzData

MAX_LABELS = 5000  # more than there are classes of handwritten Chinese


class ImageData(DataConfig):
    """Images of digits; their facts are in zoo.config.dataset_info."""

    kind: str

    @property
    def source(self) -> Source:
        """The facts about the images."""
        return SOURCES[self.kind]


class DigitsData(ImageData):
    """8 x 8 images with values 0 to 16, included in scikit-learn."""

    kind: Literal["digits"]


class MnistData(ImageData):
    """28 x 28 images with values 0 to 255."""

    kind: Literal["mnist"]


class KaggleData(ImageData):
    """MNIST in another order, distributed by Kaggle."""

    kind: Literal["kaggle"]


class UserDescribedData(DataConfig):
    """Data that the entry itself describes."""

    classes: Count
    rows: Count
    labels: Annotated[
        tuple[Label, ...], Field(max_length=MAX_LABELS), AsTuple
    ] = ()  # the names of the classes

    @model_validator(mode="after")
    def _one_label_per_class(self) -> Self:
        if len(set(self.labels)) not in {0, self.classes}:
            msg = f"expected {self.classes} different labels, one for each class"
            raise ValueError(msg)
        return self


class TableData(UserDescribedData):
    """Rows of numbers that are not images, passed in Python."""

    kind: Literal["table"]
    columns: Count

    @property
    def source(self) -> Source:
        """The facts that the entry states."""
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
    """Data of a plugin: rows with `columns` numbers, or images of a `shape`."""

    plugin_types = ("data",)
    columns: Count | None = None
    shape: Annotated[tuple[Count, Count] | None, AsTuple] = None
    highest: Annotated[int, Field(ge=1, le=255)] | None = None  # the largest value of a pixel
    test_rows: Annotated[int, Field(ge=0)] = 0  # rows of a separate test split
    title: str | None = None
    licence: str = "its owner's"

    @property
    def identity(self) -> str:
        """An identifier of the rows and their order."""
        facts = self.model_dump(mode="json", exclude={"split", "title", "licence"})
        return json.dumps(facts, sort_keys=True)

    @property
    def source(self) -> Source:
        """The facts that the entry states."""
        if self.shape:
            appearance = "An image of {} x {} grey values from 0 to {}.".format(
                *self.shape, self.highest
            )
        else:
            appearance = f"A row of {self.columns or 0:,} numbers."
        return Source(
            name=self.kind,
            title=self.title or self.kind,
            train=self.rows,
            test=self.test_rows,
            shape=self.shape or (1, self.columns or 0),
            highest=self.highest or 0,
            classes=self.classes,
            licence=self.licence,
            remedy="install the plugin that provides it",
            appearance=appearance,
            labels=self.labels,
        )

    @model_validator(mode="after")
    def _columns_or_shape(self) -> Self:
        if (self.columns is None) != (self.shape is not None and self.highest is not None) or (
            (self.shape is None) != (self.highest is None)
        ):
            msg = "expected either columns, or both shape and highest"
            raise ValueError(msg)
        return self


BuiltinData = (
    DigitsData | MnistData | KaggleData | TableData | CsvData | FolderData | IdxData | NpzData
)
Data = Annotated[
    Annotated[BuiltinData, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginData, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinData, PluginData),
    ExpandShorthand,
]


def data_config(kind: str) -> Data:
    """Return the data of a kind without options: all rows, unsplit."""
    return TypeAdapter[Data](Data).validate_python(kind)
