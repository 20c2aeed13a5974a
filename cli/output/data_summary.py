"""What is in the data of an entry, as tables and JSON: `zoo data show` and `zoo init --data`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.config.dataset_info import describe_size
from zoo.formatting import count, number, percent

from .result import Table

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Iterator, Sequence

    from zoo.config.entry import Entry
    from zoo.data.class_counts import ClassCount
    from zoo.data.dataset import Dataset
    from zoo.data.splits import Splits
    from zoo.data.summary import DataSummary
    from zoo.data.table_columns import TableColumn

SHOWN_COLUMNS, SHOWN_CLASSES = 40, 100  # of many, the table shows the first ones


@dataclass(frozen=True)
class SummarizedEntry:
    """An entry, its dataset, and what is in it."""

    entry: Entry
    dataset: Dataset
    splits: Splits
    summary: DataSummary

    def facts(self) -> dict[str, Any]:
        """Return the object of --json."""
        return {
            "name": self.entry.name,
            "kind": self.entry.data.kind,
            "source": self.dataset.source,
            "shape": list(self.dataset.shape),
            "label": label_of(self.entry),
            "splits": self.summary.sizes,
            "classes": self.class_facts(),
            "columns": [_column_facts(column) for column in self.summary.columns],
            "warnings": list(self.summary.warnings),
        }

    def class_facts(self) -> list[dict[str, Any]]:
        """Return an object for each class, the rows of CSV."""
        return [asdict(one) for one in self.summary.classes]

    def tables(self) -> Iterator[Table]:
        """Yield the tables of rows, classes and columns, and the warnings."""
        entry, summary = self.entry, self.summary
        yield Table((entry.name, self.dataset.source), list(_facts(entry, summary)))
        yield _classes_table(summary.classes, entry.data.source.noun)
        if summary.columns:
            yield _columns_table(summary.columns)
        if summary.warnings:
            yield Table((), (), title="Warnings", notes=summary.warnings)


def summarized(entry: Entry, dataset: Dataset, warnings: Sequence[str] = ()) -> SummarizedEntry:
    """Return what is in the dataset of an entry; `warnings` come before those that are found."""
    from zoo.data.summary import summarize_data
    from zoo.training import build

    splits = build.splits(entry, dataset, seed=entry.train.seed)
    summary = summarize_data(entry, dataset, splits)
    all_warnings = (*warnings, *summary.warnings)
    return SummarizedEntry(entry, dataset, splits, replace(summary, warnings=all_warnings))


def label_of(entry: Entry) -> str | None:
    """Return the name of a table's column of labels; None for other data."""
    label = getattr(entry.data, "label", None)
    return None if label is None else str(label)


def _column_facts(column: TableColumn) -> dict[str, Any]:
    return {key: value for key, value in asdict(column).items() if key != "first"}


def _facts(entry: Entry, summary: DataSummary) -> Iterator[tuple[str, str]]:
    source = entry.data.source
    sizes = {name: size for name, size in summary.sizes.items() if size}
    parts = ", ".join(f"{size:,} {name}" for name, size in sizes.items())
    yield f"{source.noun}s", f"{sum(sizes.values()):,}: {parts}"
    if source.has_images:
        yield "pixels", f"{describe_size(source.shape)}, from 0 to {source.highest}"
    else:
        inputs = entry.data.features
        words = f"{len(summary.columns):,}"
        yield "columns", words if inputs == len(summary.columns) else f"{words}, {inputs:,} inputs"
        missing = [column for column in summary.columns if column.missing]
        values = sum(column.missing for column in missing)
        yield "missing", f"{values:,} in {count(len(missing), 'column')}" if values else "none"
    if label := label_of(entry):
        yield "label", label
    most = max(summary.classes, key=lambda one: one.rows)
    yield "classes", f"{len(summary.classes):,}, {_balance(summary.classes, source.noun)}"
    yield "baseline", f"{percent(most.share)}, by always answering {most.name}"


def _balance(classes: Sequence[ClassCount], noun: str) -> str:
    """Return text such as "of 10 to 25 images (2.5 to 1)"."""
    least, most = (pick(one.rows for one in classes) for pick in (min, max))
    if least == most:
        return f"of {count(most, noun)} each"
    ratio = f" ({number(most / least, digits=2)} to 1)" if least else ""
    return f"of {least:,} to {count(most, noun)}{ratio}"


def _classes_table(classes: Sequence[ClassCount], noun: str) -> Table:
    rows = [
        (
            one.name,
            f"{one.rows:,}",
            percent(one.share, 1),
            f"{one.train:,}",
            f"{one.validation:,}",
            f"{one.test:,}",
        )
        for one in classes[:SHOWN_CLASSES]
    ]
    columns = ("class", f"{noun}s", "share", "train", "validation", "test")
    return Table(
        columns, rows, right=columns[1:], title="Classes", notes=_more(classes, SHOWN_CLASSES)
    )


def _columns_table(columns: Sequence[TableColumn]) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            column.name,
            f"{column.missing:,}",
            *(
                "" if value is None else number(value)
                for value in (column.low, column.mean, column.high)
            ),
            ", ".join(column.categories[:5]) + (", ..." if len(column.categories) > 5 else ""),
        )
        for column in columns[:SHOWN_COLUMNS]
    ]
    names: Sequence[str] = ("column", "missing", "minimum", "mean", "maximum", "categories")
    if not any(column.categories for column in columns):
        names, rows = names[:-1], [row[:-1] for row in rows]
    return Table(
        names, rows, right=names[1:5], title="Columns", notes=_more(columns, SHOWN_COLUMNS)
    )


def _more(items: Sequence[object], shown: int) -> list[str]:
    return [f"And {len(items) - shown:,} more; --json has all."] if len(items) > shown else []
