"""The output of `zoo list`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from zoo.config.plugins import BUILTIN_DISTRIBUTION

from . import tables

if TYPE_CHECKING:  # these import NumPy, which `zoo list` must not
    from collections.abc import Iterable

    from rich.table import Table

    from zoo.analysis.statistics import Summary
    from zoo.config.catalog import CatalogEntry


WIDE = 100  # columns in which an entry fits on one line


def entries(
    entries_and_summaries: Iterable[tuple[CatalogEntry, Summary | None]], *, width: int
) -> Table:
    """Return the table of `zoo list`; a narrow one has two lines per entry."""
    rows = list(entries_and_summaries)
    has_plugins = any(
        not listed.provider.startswith(f"{BUILTIN_DISTRIBUTION} ") for listed, _ in rows
    )
    columns = ["name", "network", "data", "training", "params", "claim", "reproduced", "from"]
    lines = [_entry_cells(listed, reproduced) for listed, reproduced in rows]
    if not has_plugins:
        columns, lines = columns[:-1], [line[:-1] for line in lines]
    if width < WIDE:
        columns, *lines = (_stacked(line) for line in (columns, *lines))
    result = tables.table(*columns, right=("params",))
    result.columns[0].min_width = max((len(listed.entry.name) for listed, _ in rows), default=0)
    for name, *rest in lines:
        result.add_row(re.sub(r"^\S+", r"[bold]\g<0>[/bold]", name), *rest)
    return result


def _entry_cells(listed: CatalogEntry, reproduced: Summary | None) -> list[str]:
    entry = listed.entry
    return [
        escape(entry.name),
        entry.architecture,
        entry.data.kind,
        tables.length_words(entry.train),
        entry.parameters_text,
        tables.claim_words(entry.claim),
        tables.summary_words(reproduced),
        escape(listed.provider),
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
