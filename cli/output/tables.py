"""Tables and texts that several commands print; the functions return them and print nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
from rich.table import Table

from zoo.analysis.statistics import mean_words
from zoo.control_characters import plain
from zoo.formatting import count, percent, setting

from .escape import styled

if TYPE_CHECKING:  # these import NumPy, which `zoo list` must not
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console, ConsoleOptions

    from zoo.analysis.statistics import Summary
    from zoo.config.base import ConfigModel
    from zoo.config.entry import Claim, Entry, TrainConfig


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """Return an empty table without lines; the columns in `right` hold numbers."""
    result = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in columns:
        result.add_column(
            styled(name), justify="right" if name in right else "left", overflow="fold"
        )
    return result


@dataclass(frozen=True)
class Lines:
    """Lines that Rich only writes: a bold line of names, then lines with a bold first column."""

    lines: Sequence[str]
    first: int  # characters of the first column

    def fit(self, width: int) -> bool:
        """Whether each is one line of a console of this width."""
        return all("\n" not in line and cell_len(line) <= width for line in self.lines)

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> Iterator[Segment]:
        """Yield the segments, as Rich asks for them."""
        bold = Style(bold=True)
        head, *rows = self.lines
        yield Segment(head, bold)
        for row in rows:
            yield Segment(f"\n{row[: self.first]}", bold)
            yield Segment(row[self.first :])
        yield Segment.line()


def claim_words(claim: Claim | None) -> str:
    """Return text such as "95.4% test"."""
    return f"{percent(claim.value)} {claim.split}" if claim else "-"


def summary_words(summary: Summary | None) -> str:
    """Return text such as "94.9 ± 0.8% (20)", with the number of seeds in brackets."""
    return f"{mean_words(summary)} ({summary.n})" if summary else "-"


def seeds_words(summary: Summary) -> str:
    """Return text such as "94.9 ± 0.8% over 20 seeds"."""
    return f"{mean_words(summary)} over {count(summary.n, 'seed')}"


def length_words(train: TrainConfig) -> str:
    """Return text such as "2,000 iterations" or "10 epochs, batch 64"."""
    length = count(train.length, train.unit)
    return f"{length}, batch {train.batch:,}" if train.batch else length


def example(entry: Entry) -> str:
    """Return an argument of `zoo predict` for the entry: an example of its data, or a file."""
    return "ROWS.csv" if entry.data.kind == "table" else f"{entry.evaluation_split}:0"


def heading(text: str) -> Padding:
    """Return a bold line with an empty line before it."""
    return Padding(styled(text, "bold"), (1, 0, 0, 0))


def facts(*labels_and_texts: tuple[str, str]) -> Table:
    """Return lines of a label and a text, which wraps at words; an empty text has no line."""
    result = Table.grid(padding=(0, 2, 0, 0))
    for label, text in labels_and_texts:
        if text:
            result.add_row(label, styled(plain(text), overflow="fold"))
    return result


def indent(text: str) -> Padding:
    """Return an indented text."""
    return Padding(styled(text), (0, 0, 0, 2))


def settings(section: ConfigModel, name: str) -> Iterable[tuple[str, str]]:
    """Yield each key that the entry sets, with its value; a table with a kind is one value."""
    for field in type(section).model_fields:
        value, key = getattr(section, field), f"{name}.{field}"
        if field not in section.model_fields_set:
            continue
        if key == "data.split":
            yield from settings(value, key)
        elif isinstance(value, tuple):
            yield key, ", ".join(map(compact, value)) or "none"
        else:
            yield key, compact(value)


def compact(value: Any) -> str:
    """Return text such as "normal (std 0.01)" for a table with a kind, or the plain value."""
    kind = getattr(value, "kind", None)
    if kind is None:
        return setting(value)
    fields = [name for name in type(value).model_fields if name != "kind"]
    options = {name: getattr(value, name) for name in fields if name in value.model_fields_set}
    options |= getattr(value, "options", {})
    return _kind_words(kind, options)


def _kind_words(kind: str, options: dict[str, Any]) -> str:
    listed = ", ".join(f"{name} {setting(value)}" for name, value in options.items())
    return f"{kind} ({listed})" if options else kind


def changes_words(changes: Mapping[str, object], claim: Claim | None) -> str:
    """Return the changes to a recipe, and whether the claim does not apply to it any more."""
    listed = ", ".join(f"{key} {changed_words(value)}" for key, value in changes.items())
    return f"{listed}: no longer the recipe of the claim" if claim else listed


def changed_words(value: object) -> str:
    """Return text such as "adamw (decay 0.05)" for a kind, or the plain value."""
    if isinstance(value, dict) and "kind" in value:
        return _kind_words(
            value["kind"], {name: option for name, option in value.items() if name != "kind"}
        )
    if isinstance(value, dict):
        settings = (f"{key} {setting(one)}" for key, one in value.items() if one is not None)
        return f"({', '.join(settings)})"
    return "none" if value is None else setting(value)
