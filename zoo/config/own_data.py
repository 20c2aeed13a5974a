"""Data in files of the user's: tables, folders of images, IDX and NumPy files.

What an entry does not state about its files is found in them when it is used (zoo.data.own).
"""

from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zoo.config.base import AsTuple, Count, Label, LaterKeys, Name
from zoo.config.data import DataConfig
from zoo.config.dataset_info import Fit, Source, TableForm, describe_size

TEST_KEYS = ("test_file", "test_path", "test_images", "test_x")  # of a test split of its own
MAX_CLASSES = 5000  # more than there are classes of handwritten Chinese
MAX_COLUMNS = 10_000
MAX_INPUTS = 100_000  # of a row
MAX_CATEGORIES = 1000  # of a column, each of which becomes an input
FilePath = Annotated[str, Field(min_length=1, max_length=4096)]
Rows = Annotated[int, Field(ge=0)]


def _checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    if shape[0] * shape[1] > MAX_INPUTS:
        msg = f"expected at most {MAX_INPUTS:,} inputs, got {shape[0] * shape[1]:,}"
        raise ValueError(msg)
    return shape


Shape = Annotated[tuple[Count, Count], AsTuple, AfterValidator(_checked_shape)]
Highest = Annotated[int, Field(ge=0, le=255)]  # the largest value of a pixel; 0 for a table
Number = Annotated[float, Field(allow_inf_nan=False)]
Categories = Annotated[tuple[Label, ...], Field(max_length=MAX_CATEGORIES), AsTuple]


class FileData(DataConfig, LaterKeys):
    """Data in files of the user's.

    A path is absolute, relative to the folder of the entry's TOML, or begins with ~.
    """

    later_keys = frozenset({"rows", "test_rows", "classes"})
    kind: str
    paths: ClassVar[tuple[str, ...]]  # the keys that hold paths; the first is of the main file
    learned: ClassVar[tuple[str, ...]] = ()  # keys that a training learns from its rows
    rows: Count | None = None
    test_rows: Rows | None = None
    classes: Annotated[tuple[Label, ...], Field(max_length=MAX_CLASSES), AsTuple] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all facts about the files are stated."""
        return None not in {self.rows, self.test_rows} and bool(self.classes) and self.features > 0

    @property
    def has_test(self) -> bool:
        """Whether there is a test split: in files of its own, or drawn from the other rows."""
        has_own = any(getattr(self, key, None) for key in TEST_KEYS)
        return super().has_test or has_own or bool(self.split.column)

    @property
    def identity(self) -> str:
        """An identifier of the rows and their order."""
        return self.model_dump_json(exclude={"split", *self.learned})

    def _source(self, shape: tuple[int, int] | None, highest: int, **others: Any) -> Source:
        """Return the facts that are known; those that are not are 0."""
        shape = shape or (0, 0)
        return Source(
            name=self.kind,
            title=PurePath(getattr(self, self.paths[0])).name,
            train=self.rows or 0,
            test=self.test_rows or 0,
            shape=shape,
            highest=highest,
            classes=len(self.classes),
            licence="its owner's",
            remedy="--data with the path of the file",
            appearance=f"An image of {describe_size(shape)} grey values from 0 to {highest}."
            if highest
            else f"A row of {shape[1]:,} numbers.",
            labels=self.classes,
            **others,
        )


def _without_values(value: object) -> object:
    """Return a list of columns as a table in which no category is known yet."""
    is_list = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return dict.fromkeys(value, ()) if is_list else value  # type: ignore[call-overload]


class CsvData(FileData):
    """A table in a .csv, .csv.gz or .parquet file, whose columns are found by their names."""

    paths = ("file", "test_file")
    learned = ("means",)
    later_keys = FileData.later_keys | {
        *("test_file", "columns", "categories", "missing", "means", "delimiter"),
    }
    has_column_names = True
    kind: Literal["csv"]
    file: FilePath
    test_file: FilePath | None = None
    label: Name | Count  # the name of a column, or its number from 1
    columns: Annotated[tuple[Name, ...], Field(max_length=MAX_COLUMNS), AsTuple] = ()
    categories: Annotated[dict[Name, Categories], BeforeValidator(_without_values)] = Field(
        default_factory=dict
    )
    missing: Literal["refuse", "mean"] = "refuse"
    means: Annotated[
        tuple[Number, ...], Field(max_length=MAX_INPUTS), AsTuple
    ] = ()  # of the training rows, a training's own
    delimiter: Annotated[str, Field(pattern=r"^[\t !#-/:-@\[-^`{-~]$")] = ","

    @property
    def source(self) -> Source:
        """The facts that are known; those that are not are 0."""
        form = TableForm(
            self.columns,
            self.categories,
            self.missing,
            self.means,
            self.delimiter,
            ignored=frozenset(map(str, self.others)),
        )
        is_known = bool(self.columns) and all(self.categories.values())
        return self._source((1, len(form.inputs)) if is_known else None, 0, table=form)

    @property
    def others(self) -> tuple[str | int, ...]:
        """The columns that are no inputs: the label, and what says how to split."""
        return tuple(filter(None, (self.label, self.split.group, self.split.column)))

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        if len(set(self.columns)) < len(self.columns):
            msg = "columns: a name occurs twice"
            raise ValueError(msg)
        if self.columns and (unknown := self.categories.keys() - set(self.columns)):
            msg = f"categories: {min(unknown)!r} is not one of the columns"
            raise ValueError(msg)
        if others := [name for name in self.others if name in self.columns]:
            msg = f"columns: {others[0]!r} is the label or says how to split"
            raise ValueError(msg)
        return self


class FolderData(FileData):
    """Images in folders: the name of a folder is the class of its images."""

    paths = ("path", "validation_path", "test_path")
    later_keys = FileData.later_keys | {
        "validation_path",
        "test_path",
        "shape",
        "fit",
        "highest",
        "skip_bad",
    }
    kind: Literal["folder"]
    path: FilePath
    validation_path: FilePath | None = None
    test_path: FilePath | None = None
    shape: Shape = (28, 28)  # (height, width) of the network's images
    fit: Fit = "scale"
    highest: Annotated[int, Field(ge=1, le=255)] = 255  # the largest grey value
    skip_bad: bool = False  # files that are not images are left out

    @property
    def source(self) -> Source:
        """The facts that are known; those that are not are 0."""
        return self._source(self.shape, self.highest, fit=self.fit)

    @model_validator(mode="after")
    def _folders_are_the_splits(self) -> Self:
        if self.validation_path and (self.test_path is None or self.split.stratify):
            msg = "validation_path: expected test_path beside it, and no split.stratify"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _ink_is_a_digit(self) -> Self:
        if self.fit == "ink" and self.shape not in {(28, 28), (8, 8)}:
            msg = 'fit: "ink" makes digits of 28 x 28 or 8 x 8; use "scale" or "pad"'
            raise ValueError(msg)
        return self


class IdxData(FileData):
    """Images and labels in IDX files, the format of MNIST, gzipped or not."""

    paths = ("images", "labels", "test_images", "test_labels")
    later_keys = FileData.later_keys | {"test_images", "test_labels", "shape", "fit"}
    kind: Literal["idx"]
    images: FilePath
    labels: FilePath
    test_images: FilePath | None = None
    test_labels: FilePath | None = None
    shape: Shape | None = None
    fit: Fit = "scale"

    @property
    def source(self) -> Source:
        """The facts that are known; those that are not are 0."""
        return self._source(self.shape, 255, fit=self.fit)

    @model_validator(mode="after")
    def _test_has_both(self) -> Self:
        if (self.test_images is None) != (self.test_labels is None):
            msg = "test_images and test_labels: expected both or neither"
            raise ValueError(msg)
        return self


class NpzData(FileData):
    """Arrays in an .npz file: images (n, height, width), or rows of numbers (n, columns)."""

    paths = ("file",)
    later_keys = FileData.later_keys | {"test_x", "test_y", "shape", "highest", "fit"}
    kind: Literal["npz"]
    file: FilePath
    x: Name = "x"  # the names of the arrays
    y: Name = "y"
    test_x: Name | None = None
    test_y: Name | None = None
    shape: Shape | None = None
    highest: Highest | None = None
    fit: Fit = "scale"

    @property
    def is_complete(self) -> bool:
        """Whether all facts about the files are stated."""
        return super().is_complete and self.highest is not None

    @property
    def source(self) -> Source:
        """The facts that are known; those that are not are 0."""
        return self._source(self.shape, self.highest or 0, fit=self.fit)

    @model_validator(mode="after")
    def _test_has_both(self) -> Self:
        if (self.test_x is None) != (self.test_y is None):
            msg = "test_x and test_y: expected both or neither"
            raise ValueError(msg)
        return self
