"""The result of a command, and the one place that writes it: table, JSON, CSV, Markdown, names."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import terminal
from ..output_options import settings
from . import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from ..output_options import OutputSettings

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows of text for people, with a title above them and notes below them.

    The columns in `right` hold numbers. Without rows only the notes are shown.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Collection[str] = ()
    title: str = ""
    notes: Sequence[str] = ()

    def renderables(self) -> Iterator[RenderableType]:
        """Yield the parts for the terminal."""
        from rich.text import Text

        if self.title:
            yield tables.heading(self.title)
        if self.rows:
            result = tables.table(*self.columns, right=tuple(self.right))
            result.columns[0].no_wrap = True
            for name, *cells in self.rows:
                texts = [Text(tables.plain_lines(cell)) for cell in cells]
                result.add_row(Text(tables.plain_lines(name), style="bold"), *texts)
            yield result
        yield from (Text(tables.plain_lines(note)) for note in self.notes)

    def markdown(self) -> Iterator[str]:
        """Yield the paragraphs in Markdown."""
        if self.title:
            yield f"### {tables.plain(self.title)}"
        if self.rows:
            marks = ["---:" if name in self.right else "---" for name in self.columns]
            first, *rows = map(_line, (self.columns, *self.rows))
            yield "\n".join([first, f"|{'|'.join(marks)}|", *rows])
        if self.notes:
            yield "\n".join(self.notes)


def _line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table; an empty cell is one space."""
    return f"|{'|'.join(f' {_cell(text)} ' if text else ' ' for text in cells)}|"


def _cell(text: str) -> str:
    return tables.plain(text.replace("\n", " ")).replace("|", "\\|")


@dataclass(frozen=True)
class Result:
    """A result in every form; forms that are not given are made from the data.

    `data` is the object, or the list of objects, of --json, each with a `name`; `rows` are those of
    CSV and of JSON Lines; `csv_columns` are those of CSV, if they do not follow from the rows.
    `tables` are for Markdown and for the terminal, unless `page` returns
    what the terminal shows instead. `names` are those of --quiet.
    """

    data: Row | Sequence[Row]
    rows: Sequence[Row] | None = None
    csv_columns: Sequence[str] | None = None
    tables: Sequence[Table] | None = None
    page: Callable[[], Iterable[RenderableType]] | None = None
    names: Sequence[str] | None = None

    def objects(self) -> Sequence[Row]:
        """Return the rows: one object each."""
        if self.rows is not None:
            return self.rows
        return [self.data] if isinstance(self.data, dict) else self.data

    def text(self, output_format: str) -> str:
        """Return the result in a format."""
        match output_format:
            case "json":
                return json.dumps(self.data, allow_nan=False, indent=2) + "\n"
            case "jsonl":
                lines = (json.dumps(row, allow_nan=False) for row in self.objects())
                return "".join(f"{line}\n" for line in lines)
            case "csv":
                return as_csv(self.objects(), self.csv_columns)
            case "md":
                paragraphs = (part for table in self._tables() for part in table.markdown())
                return "\n\n".join(paragraphs) + "\n"
            case _:
                return terminal.rendered(*self.parts())

    def parts(self) -> Iterable[RenderableType]:
        """Return what the terminal shows."""
        if self.page:
            return self.page()
        return (part for table in self._tables() for part in table.renderables())

    def _tables(self) -> Sequence[Table]:
        return [_table_of(self.objects())] if self.tables is None else self.tables

    def names_text(self) -> str:
        """Return the names, one a line."""
        data = [self.data] if isinstance(self.data, dict) else self.data
        names = self.names if self.names is not None else [str(item["name"]) for item in data]
        return "".join(f"{tables.plain(name)}\n" for name in names)


def write(result: Result) -> None:
    """Write a result in the requested format, to stdout or to the file of --out."""
    _write(_text(result, settings.get()), settings.get())


def write_each(results: Iterable[Result]) -> None:
    """Write results as they are made; JSON, CSV, Markdown and a file are written at the end.

    Each result holds one object. If the iteration raises, the finished results are still written.
    """
    current = settings.get()
    immediate = current.out is None and (
        current.quiet or current.output_format in {"table", "jsonl"}
    )
    finished: list[Result] = []
    try:
        for result in results:
            finished.append(result)
            if immediate:
                _write(_text(result, current), current)
    finally:
        if not immediate:
            _write(_text(combined(finished), current), current)


def combined(results: Sequence[Result]) -> Result:
    """Return one result of all objects, with the parts and names of all."""
    return Result(
        [item for result in results for item in result.objects()],
        page=lambda: (part for result in results for part in result.parts()),
        names=[name for result in results for name in result.names_text().splitlines()],
    )


def _text(result: Result, current: OutputSettings) -> str:
    return result.names_text() if current.quiet else result.text(current.output_format)


def _write(text: str, current: OutputSettings) -> None:
    if current.out is None:
        print(text, end="", flush=True)
        return
    from zoo.files import write_atomically

    write_atomically(current.out, text.encode())
    print(f"zoo: wrote {tables.plain(str(current.out))}", file=sys.stderr)


def as_csv(rows: Sequence[Row], columns: Sequence[str] | None = None) -> str:
    """Return CSV; a nested value has columns such as claim_value, and a list is JSON."""
    flat = [dict(_flat(row)) for row in rows]
    columns = _columns(rows) if columns is None else columns
    text = io.StringIO()
    if columns:
        writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(flat)
    return text.getvalue()


def _columns(rows: Sequence[Mapping[str, Any]], prefix: str = "") -> list[str]:
    """Return the columns of rows; a value that is None in some rows and nested in others is nested.

    The columns of a key stay together, in the order of the first row that has them.
    """
    columns: list[str] = []
    for key in dict.fromkeys(key for row in rows for key in row):
        nested = [row[key] for row in rows if isinstance(row.get(key), dict)]
        columns += _columns(nested, f"{prefix}{key}_") if nested else [f"{prefix}{key}"]
    return columns


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}_")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{key}", json.dumps(value, allow_nan=False)
        else:
            yield f"{prefix}{key}", value


def _table_of(rows: Sequence[Row]) -> Table:
    """Return the table of rows that have no text of their own."""
    flat = [dict(_flat(row)) for row in rows]
    columns = _columns(rows)
    cells = [["" if row.get(name) is None else str(row[name]) for name in columns] for row in flat]
    return Table(columns, cells)
