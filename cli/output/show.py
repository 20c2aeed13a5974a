"""The output of `zoo show`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.padding import Padding

from zoo.config.catalog import USER_FILE
from zoo.config.packages import folder_of
from zoo.formatting import percent, verdict_words
from zoo.system.commands import quote

from . import list as list_output
from . import tables
from .entry_tables import layers_table, recipe_table
from .escape import joined, styled
from .result import Result, Table

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from zoo.analysis.statistics import Summary
    from zoo.config.catalog import CatalogEntry
    from zoo.config.entry import Claim, Entry
    from zoo.config.results import Result as RecordedResult


def entry_result(
    listed: CatalogEntry, results: Sequence[RecordedResult], reproduced: Summary | None
) -> Result:
    """Return the result of `zoo show`."""
    entry = listed.entry
    sections = list(_sections(listed, results, reproduced))
    network_and_recipe = [layers_table(entry), recipe_table(entry)]
    return Result(
        list_output.entry_facts(listed, reproduced) | {"entry": entry.model_dump(mode="json")},
        tables=[_facts_table(entry, sections), *network_and_recipe],
        page=lambda: _page(entry, sections, network_and_recipe),
    )


def _sections(
    listed: CatalogEntry, results: Sequence[RecordedResult], reproduced: Summary | None
) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the lines of each section."""
    entry, claim, origin = listed.entry, listed.entry.claim, listed.entry.origin
    source = entry.data.source
    if origin:
        by = "" if origin.author == "not named" else f" by {origin.author}"
        lines = [f"{origin.title}{by}", *filter(None, [origin.url]), f"licence: {origin.licence}"]
        yield "Original", lines + (_claim_lines(claim) if claim else [])
    elif claim:
        yield "Claim", list(_claim_lines(claim))
    if reproduced:
        verdict = f": {verdict_words(claim.verdict(reproduced.mean))}" if claim else ""
        lines = [
            f"{tables.seeds_words(reproduced)} on {entry.evaluation_split}{verdict}",
            f"with {results[0].versions}",
            f"seed {results[0].seed} has the weights {results[0].fingerprint}",
            f"command: zoo train {entry.name} --seeds {_seeds([row.seed for row in results])}",
        ]
    else:
        argument = entry.name if listed.provider != USER_FILE else quote(str(listed.path))
        lines = [f"no recorded result; run zoo train {argument}"]
    yield "Reproduced" if claim else "Result", lines
    if entry.weights:
        folder = folder_of(entry.weights.package) or Path(entry.weights.package)
        commands = f"zoo predict {entry.name} {tables.example(entry)} · zoo evaluate {entry.name}"
        yield "Weights", [str(folder / entry.weights.file), commands]
    yield (
        "Data",
        [
            f"{source.title}; licence: {source.licence}",
            f"from {listed.provider}: {listed.path}",
        ],
    )


def _claim_lines(claim: Claim) -> list[str]:
    value = f"{percent(claim.value)} on the {claim.split} split"
    quotation = [f"“{claim.quote}”"] if claim.quote else []
    return [*quotation, f"claim: {value}, tolerance {percent(claim.tolerance)}"]


def _summary_lines(entry: Entry) -> list[str]:
    variant = f"The architecture of {entry.variant_of} with another recipe."
    return [entry.summary, variant] if entry.variant_of else [entry.summary]


def _facts_table(entry: Entry, sections: Sequence[tuple[str, list[str]]]) -> Table:
    """Return a row for each line; only the first of a section has its title."""
    rows = [
        ("" if number else title, line)
        for title, lines in [("Summary", _summary_lines(entry)), *sections]
        for number, line in enumerate(lines)
    ]
    return Table((entry.name, entry.architecture), rows)


def _page(
    entry: Entry, sections: Sequence[tuple[str, list[str]]], details: Sequence[Table]
) -> Iterator[RenderableType]:
    """Yield the parts of the terminal output."""
    yield joined(styled(entry.name, "bold"), styled(f"  {entry.architecture}"))
    yield from map(styled, _summary_lines(entry))
    for title, lines in sections:
        yield tables.heading(title)
        yield from map(tables.indent, lines)
    for table in details:
        yield tables.heading(table.title)
        for part in replace(table, title="").renderables():
            yield Padding(part, (0, 0, 0, 2))


def _seeds(seeds: list[int]) -> str:
    """Return the value of --seeds: a count if these are the first seeds, otherwise a list."""
    is_count = seeds == list(range(len(seeds)))
    return str(len(seeds)) if is_count else ",".join(map(str, seeds))
