"""The output of `zoo show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from zoo.config.packages import folder_of
from zoo.formatting import percent, verdict_words

from . import list as list_output
from . import tables
from .result import Result

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Sequence

    from zoo.analysis.statistics import Summary
    from zoo.config.catalog import CatalogEntry
    from zoo.config.results import Result as RecordedResult


def entry_result(
    listed: CatalogEntry, results: Sequence[RecordedResult], reproduced: Summary | None
) -> Result:
    """Return the result of `zoo show`."""
    facts = list_output.entry_facts(listed, reproduced)
    return Result(
        facts | {"entry": listed.entry.model_dump(mode="json")},
        page=lambda: [_page(listed, results, reproduced)],
    )


def _page(
    listed: CatalogEntry, results: Sequence[RecordedResult], reproduced: Summary | None
) -> Group:
    entry = listed.entry
    parts: list[Any] = [
        Text.assemble((entry.name, "bold"), f"  {entry.architecture}"),
        entry.summary,
    ]
    if entry.variant_of:
        parts.append(f"The architecture of {entry.variant_of} with another recipe.")
    if entry.origin:
        origin = entry.origin
        by = "" if origin.author == "not named" else f" by {origin.author}"
        parts += [tables.heading("README"), tables.indent(f"{origin.title}{by}")]
        if origin.url:
            parts.append(tables.indent(origin.url))
        parts.append(tables.indent(f"licence: {origin.licence}"))
    if entry.claim:
        claim = entry.claim
        parts.append(tables.indent(f"“{claim.quote}”"))
        parts.append(
            tables.indent(
                f"claim: {percent(claim.value)} on the {claim.split} split, "
                f"tolerance {percent(claim.tolerance)}"
            )
        )
    parts.append(tables.heading("Reproduced" if entry.claim else "Result"))
    if reproduced:
        verdict = f": {verdict_words(entry.claim.verdict(reproduced.mean))}" if entry.claim else ""
        parts.append(
            tables.indent(f"{tables.seeds_words(reproduced)} on {entry.evaluation_split}{verdict}")
        )
        seeds = [result.seed for result in results]
        parts.append(tables.indent(f"with {results[0].versions}"))
        parts.append(
            tables.indent(f"seed {results[0].seed} has the weights {results[0].fingerprint}")
        )
        parts.append(tables.indent(f"command: zoo train {entry.name} --seeds {_seeds(seeds)}"))
    else:
        parts.append(tables.indent(f"no recorded result; run zoo train {entry.name}"))
    if entry.weights:
        folder = folder_of(entry.weights.package) or Path(entry.weights.package)
        parts += [
            tables.heading("Weights"),
            tables.indent(str(folder / entry.weights.file)),
            tables.indent(
                f"zoo predict {entry.name} {entry.data.source.example} · zoo evaluate {entry.name}"
            ),
        ]
    parts += [tables.heading("Network"), Padding(tables.layers_table(entry), (0, 0, 0, 2))]
    parts += [tables.heading("Recipe"), Padding(tables.recipe_table(entry), (0, 0, 0, 2))]
    parts += [
        tables.heading("Data"),
        tables.indent(f"{entry.data.source.title}; licence: {entry.data.source.licence}"),
        tables.indent(f"from {listed.provider}: {listed.path}"),
    ]
    return Group(*parts)


def _seeds(seeds: list[int]) -> str:
    """Return the value of --seeds: a count if these are the first seeds, otherwise a list."""
    is_count = seeds == list(range(len(seeds)))
    return str(len(seeds)) if is_count else ",".join(map(str, seeds))
