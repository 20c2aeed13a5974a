"""The result of a command, and the one place that writes it: table, JSON, CSV, Markdown, names."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo import markdown
from zoo.control_characters import plain, plain_lines

from .. import terminal
from ..output_options import settings
from . import tables
from .escape import as_json, csv_row, styled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from ..output_options import OutputSettings

Row = dict[str, Any]
MANY_ROWS = 500  # for fewer, Rich is fast enough
LONG_NAME = 40  # columns; longer names wrap


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
        if self.title:
            yield tables.heading(self.title)
        if len(self.rows) >= MANY_ROWS and (text := self._aligned()):
            yield text
        elif self.rows:
            result = tables.table(*self.columns, right=tuple(self.right))
            for column, name in zip(result.columns, self.columns, strict=True):
                column.min_width = max(map(len, name.split()), default=1)  # its header
            result.columns[0].no_wrap = max(len(row[0]) for row in self.rows) <= LONG_NAME
            for name, *cells in self.rows:
                result.add_row(styled(name, "bold"), *map(styled, cells))
            yield result
        yield from map(styled, self.notes)

    def _aligned(self) -> RenderableType | None:
        """Return the rows as lines, in a fraction of Rich's time; None if a line would wrap."""
        from rich.cells import cell_len

        columns: list[list[str]] = []
        for name, *cells in zip(self.columns, *self.rows, strict=True):
            texts = [*map(plain_lines, (name, *cells))]
            width = max(map(cell_len, texts))
            aligned = str.rjust if name in self.right else str.ljust
            columns.append([aligned(text, width + len(text) - cell_len(text)) for text in texts])
        lines = tables.Lines([*map(" ".join, zip(*columns, strict=True))], len(columns[0][0]))
        return lines if lines.fit(terminal.console().width) else None

    def markdown(self) -> Iterator[str]:
        """Yield the paragraphs in Markdown."""
        if self.title:
            yield f"### {markdown.inline(self.title)}"
        if self.rows:
            marks = ["---:" if name in self.right else "---" for name in self.columns]
            first, *rows = map(markdown.row, (self.columns, *self.rows))
            yield "".join([first, f"|{'|'.join(marks)}|\n", *rows]).rstrip()
        if self.notes:
            lines = (line for note in self.notes for line in note.split("\n"))
            yield "\n".join(map(markdown.paragraph, lines))


def spaced(shown: Sequence[Table]) -> list[RenderableType]:
    """Return the tables for the terminal, with an empty line between them."""
    parts: list[RenderableType] = []
    for table in shown:
        if table.rows or table.notes:
            parts += [*([""] if parts else []), *table.renderables()]
    return parts


@dataclass(frozen=True)
class Result:
    """A result in every form; forms that are not given are made from the data.

    `data` is the object, or the list of objects, of --json, each with a `name`; `rows` are those of
    CSV and of JSON Lines; `csv_columns` are those of CSV, if they do not follow from the rows.
    `tables` are for Markdown and for the terminal, unless `page` returns what the terminal shows
    instead, or `lines` are its text, or `document` is a file; in a pipe it is not changed.
    `markdown` is a document in Markdown. `names` are those of --quiet.
    """

    data: Row | Sequence[Row]
    rows: Sequence[Row] | None = None
    csv_columns: Sequence[str] | None = None
    tables: Sequence[Table] | None = None
    page: Callable[[], Iterable[RenderableType]] | None = None
    lines: Sequence[str] | None = None
    document: str | None = None
    markdown: str | None = None
    names: Sequence[str] | None = None

    def items(self) -> Sequence[Row]:
        """Return the objects of --json as a list."""
        return [self.data] if isinstance(self.data, dict) else self.data

    def objects(self) -> Sequence[Row]:
        """Return the rows: one object each."""
        return self.items() if self.rows is None else self.rows

    def text(self, output_format: str) -> str:
        """Return the result in a format."""
        match output_format:
            case "json":
                return as_json(self.data, indent=2) + "\n"
            case "jsonl":
                return "".join(f"{as_json(row)}\n" for row in self.objects())
            case "csv":
                return as_csv(self.objects(), self.csv_columns)
            case "md" if self.markdown is not None:
                return self.markdown
            case "md":
                paragraphs = (part for table in self._tables() for part in table.markdown())
                return "\n\n".join(paragraphs) + "\n"
            case _:
                return self._shown()

    def _shown(self) -> str:
        """Return what the terminal shows."""
        if self.document is not None:
            is_seen = sys.stdout.isatty() and settings.get().out is None
            return plain_lines(self.document) if is_seen else self.document
        if self.lines is not None:
            return terminal.wrapped(map(plain, self.lines))
        if self.page:
            return terminal.rendered(*self.page())
        parts = (part for table in self._tables() for part in table.renderables())
        return terminal.rendered(*parts)

    def _tables(self) -> Sequence[Table]:
        return [_table_of(self.objects())] if self.tables is None else self.tables

    def names_text(self) -> str:
        """Return the names, one a line."""
        names = self.names
        if names is None:
            names = [str(item["name"]) for item in self.items()]
        return "".join(f"{plain(name)}\n" for name in names)


def write(result: Result) -> None:
    """Write a result in the requested format, to stdout or to the file of --out."""
    _write(_text(result, settings.get()), settings.get())


def write_each(results: Iterable[Result]) -> None:
    """Write results as they are made; JSON, CSV, Markdown and a file are written at the end.

    If the iteration raises, the finished results are still written.
    """
    current = settings.get()
    is_sequence = current.quiet or current.output_format in {"table", "jsonl"}
    finished: list[Result] = []
    try:
        for result in results:
            finished.append(result)
            if is_sequence and current.out is None:
                _write(_text(result, current), current)
    finally:
        if not is_sequence:
            _write(_text(combined(finished), current), current)
        elif current.out is not None:
            _write("".join(_text(result, current) for result in finished), current)


def combined(results: Sequence[Result]) -> Result:
    """Return one result of all objects and rows; tables with the same columns become one."""
    merged: dict[tuple[str, ...], Table] = {}
    for table in (table for result in results for table in result.tables or ()):
        key = (table.title, *table.columns)
        before = merged.get(key, replace(table, rows=(), notes=()))
        merged[key] = replace(
            before, rows=[*before.rows, *table.rows], notes=[*before.notes, *table.notes]
        )
    return Result(
        [item for result in results for item in result.items()],
        rows=[row for result in results for row in result.objects()],
        tables=list(merged.values()) or None,
    )


def _text(result: Result, current: OutputSettings) -> str:
    return result.names_text() if current.quiet else result.text(current.output_format)


def _write(text: str, current: OutputSettings) -> None:
    if current.out is None:
        if not current.stdout_is_taken:
            print(text, end="", flush=True)
        return
    from zoo.files import write_output

    write_output(current.out, text.encode(errors="surrogateescape"))  # names of files
    terminal.say_written(current.out)


def write_bytes(content: bytes) -> None:
    """Write a file to stdout, for `-o -`."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def as_csv(rows: Sequence[Row], columns: Sequence[str] | None = None) -> str:
    """Return CSV; a nested value has columns such as claim_value, and a list is JSON."""
    flat = [dict(_flat(row)) for row in rows]
    columns = _columns(rows) if columns is None else columns
    if not columns:
        return ""
    lines = (csv_row(row.get(column) for column in columns) for row in flat)
    return "".join([csv_row(columns), *lines])


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
            yield f"{prefix}{key}", as_json(value)
        else:
            yield f"{prefix}{key}", value


def _table_of(rows: Sequence[Row]) -> Table:
    """Return the table of rows that have no text of their own."""
    flat = [dict(_flat(row)) for row in rows]
    columns = _columns(rows)
    cells = [["" if row.get(name) is None else str(row[name]) for name in columns] for row in flat]
    return Table(columns, cells)
