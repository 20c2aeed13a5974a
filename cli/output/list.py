"""The output of `zoo list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.config.plugins import BUILTIN_DISTRIBUTION

from .. import terminal
from . import tables
from .escape import joined, styled
from .result import Result, Table

if TYPE_CHECKING:  # these import NumPy, which `zoo list` must not
    from collections.abc import Iterable

    from rich.table import Table as RichTable

    from zoo.analysis.statistics import Summary
    from zoo.config.catalog import CatalogEntry


WIDE = 100  # columns in which an entry fits on one line


COLUMNS = ("name", "network", "data", "training", "params", "claim", "reproduced", "from")


def entries_result(entries_and_summaries: Iterable[tuple[CatalogEntry, Summary | None]]) -> Result:
    """Return the result of `zoo list`; in a narrow terminal an entry has several lines."""
    entries = list(entries_and_summaries)
    has_plugins = any(
        not listed.provider.startswith(f"{BUILTIN_DISTRIBUTION} ") for listed, _ in entries
    )
    columns, rows = list(COLUMNS), [_entry_cells(*entry) for entry in entries]
    if not has_plugins:
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Result(
        [entry_facts(*entry) for entry in entries],
        tables=[Table(columns, rows, right=("params",))],
        page=lambda: [_page(columns, rows)],
    )


def _page(columns: list[str], rows: list[list[str]]) -> RichTable:
    if terminal.console().width < WIDE:
        columns, *rows = (_stacked(row) for row in (columns, *rows))
    result = tables.table(*columns, right=("params",))
    result.columns[0].min_width = max((len(row[0].split("\n")[0]) for row in rows), default=0)
    for name, *cells in rows:
        first, newline, provider = name.partition("\n")
        named = joined(styled(first, "bold"), styled(f"{newline}{provider}"))
        result.add_row(named, *map(styled, cells))
    return result


def _entry_cells(listed: CatalogEntry, reproduced: Summary | None) -> list[str]:
    entry = listed.entry
    return [
        entry.name,
        entry.architecture,
        entry.data.kind,
        tables.length_words(entry.train),
        entry.parameters_text,
        tables.claim_words(entry.claim),
        tables.summary_words(reproduced),
        listed.provider,
    ]


def _stacked(cells: list[str]) -> list[str]:
    """Return the cells of a row for a narrow terminal: two lines, and two columns fewer."""
    name, network, data, training, params, claim, reproduced, *provider = cells
    stacked = ["\n".join(cell.rsplit(" ", 1)) for cell in (claim, reproduced)]
    return ["\n".join([name, *provider]), f"{network}\n{params}", data, training, *stacked]


def entry_facts(listed: CatalogEntry, reproduced: Summary | None) -> dict[str, Any]:
    """Return the object that `zoo list --json` prints for an entry."""
    entry = listed.entry
    claim = entry.claim and {
        "value": entry.claim.value,
        "split": entry.claim.split,
        "quote": entry.claim.quote,
        "source": entry.origin and (entry.origin.url or entry.origin.title),
    }
    return {
        "name": entry.name,
        "summary": entry.summary,
        "network": entry.architecture,
        "data": entry.data.kind,
        "training": tables.length_words(entry.train),
        "parameters": entry.parameters,
        "claim": claim,
        "reproduced": reproduced
        and {"mean": reproduced.mean, "sd": reproduced.sd, "n": reproduced.n},
        "provider": listed.provider,
    }
