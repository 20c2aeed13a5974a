"""The base of every kind of data: its facts, and its splits."""

from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from zoo.config.base import ConfigModel, Count, Fraction, LaterKeys, Name
from zoo.config.dataset_info import Source

Folds = Annotated[int, Field(ge=2, le=1000)]
Rows = Annotated[int, Field(ge=0)] | Fraction  # a number of rows, or a share of all


class SplitSizes(NamedTuple):
    """The number of rows of each split that is drawn from the rows to train on."""

    train: int
    validation: int
    test: int


class Split(LaterKeys):
    """The rows of each split; shuffled by its own seed, or by the seed of each run."""

    later_keys = frozenset({"stratify", "group", "column", "folds"})
    train: Count | None = None
    validation: Rows = 0
    test: Rows = 0
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    stratify: bool = False  # each split has the classes in the same shares
    group: Name | None = None  # rows with equal values in this column are in one split
    column: Name | None = None  # the column that says which split a row is in
    folds: Folds | None = None  # the run with seed s tests on part s % folds of so many

    @property
    def has_test(self) -> bool:
        """Whether a test split is drawn from the rows to train on."""
        return bool(self.test or self.folds)

    def sizes(self, rows: int) -> SplitSizes:
        """Return the number of rows of each split; of groups, about as many."""
        validation, test = _count(self.validation, rows), _count(self.test, rows)
        if self.folds:
            test = rows // self.folds
        train = rows - validation - test if self.train is None else self.train
        return SplitSizes(train, validation, test)

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if self.folds and self.test:
            msg = "folds: each part is for testing in turn, so test must stay 0"
            raise ValueError(msg)
        if sum((self.stratify, bool(self.group), bool(self.column))) > 1:
            msg = "stratify, group and column exclude each other"
            raise ValueError(msg)
        if self.column and (self.has_test or self.train):
            msg = "column: the data says which rows are for testing, so no others can be drawn"
            raise ValueError(msg)
        return self


def _count(wanted: float, rows: int) -> int:
    """Return a number of rows: a share of the rows is at least one of them."""
    return wanted if isinstance(wanted, int) else max(1, round(wanted * rows))


class DataConfig(ConfigModel):
    """The rows of an entry and their splits."""

    has_column_names: ClassVar[bool] = False
    split: Split = Split()

    @property
    def source(self) -> Source:
        """The facts about the dataset."""
        raise NotImplementedError

    @property
    def is_complete(self) -> bool:
        """Whether the facts about the dataset are known without its files."""
        return True

    @property
    def identity(self) -> str:
        """An identifier of the rows: entries with equal identities read the same rows."""
        return self.source.name

    @property
    def has_test(self) -> bool:
        """Whether there is a test split: of the data's own, or drawn from the other rows."""
        return self.split.has_test or bool(self.source.test)

    @property
    def sizes(self) -> SplitSizes:
        """The number of rows of each split that is drawn from the rows to train on."""
        return self.split.sizes(self.source.train)

    @property
    def features(self) -> int:
        """The number of features of a row: the pixels of an image."""
        return self.source.shape[0] * self.source.shape[1]

    @property
    def train_rows(self) -> int:
        """The number of rows left for training."""
        return self.sizes.train

    @model_validator(mode="after")
    def _splits_fit(self) -> Self:
        if self.split.has_test and self.source.test:
            msg = "this data has a test split of its own, so split.test must stay 0"
            raise ValueError(msg)
        if (self.split.group or self.split.column) and not self.has_column_names:
            msg = "split: this data has no columns with names"
            raise ValueError(msg)
        if not self.is_complete:
            return self
        rows = self.source.train
        if (folds := self.split.folds) and folds > rows:
            msg = f"split.folds: {folds:,} parts need a row each, and the data has {rows:,}"
            raise ValueError(msg)
        needed = (self.split.train or 1) + self.sizes.validation + self.sizes.test
        if needed > self.source.train:
            msg = f"the splits need {needed:,} rows, and the data has {self.source.train:,}"
            raise ValueError(msg)
        return self
