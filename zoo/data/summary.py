"""What is in the data of an entry: its rows, classes and columns, and what may spoil a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.data.class_counts import ClassCount, class_counts
from zoo.data.problems import column_problems, split_problems
from zoo.data.table_columns import TableColumn, table_columns

if TYPE_CHECKING:
    from zoo.config.entry import Entry
    from zoo.data.dataset import Dataset
    from zoo.data.splits import Splits


@dataclass(frozen=True)
class DataSummary:
    """The classes of the data, the columns of a table, and sentences about what is wrong."""

    classes: tuple[ClassCount, ...]
    columns: tuple[TableColumn, ...]
    warnings: tuple[str, ...]

    @property
    def sizes(self) -> dict[str, int]:
        """The number of rows of each split."""
        return {
            split: sum(getattr(one, split) for one in self.classes)
            for split in ("train", "validation", "test")
        }


def summarize_data(entry: Entry, dataset: Dataset, splits: Splits) -> DataSummary:
    """Return the summary of a dataset and of its splits."""
    classes = class_counts(entry.data.source.names, splits)
    columns = table_columns(entry.data.source, dataset.train)
    warnings = [
        *split_problems(classes, splits, entry.data.source.noun),
        *column_problems(columns, dataset.train),
    ]
    return DataSummary(classes, columns, tuple(warnings))
