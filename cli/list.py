"""`zoo list`: the entries, their claims and reproduced accuracies."""

import csv
import json
import sys
from typing import Annotated

import typer

from . import completion, options, terminal


def list_entries(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[GLOB]...",
            help="Names or globs, such as 'mnist-*'.",
            autocompletion=completion.entries,
        ),
    ] = None,
    *,
    data: Annotated[str | None, typer.Option(help="List only entries on this dataset.")] = None,
    as_json: options.JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the names.")] = False,
) -> None:
    """List the models, claims and reproduced accuracies."""
    from zoo.analysis.statistics import summarize
    from zoo.config.catalog import read_catalog
    from zoo.config.results import results_of
    from zoo.errors import ConfigError

    from .output import list as output

    if as_json + as_csv + quiet > 1:
        raise ConfigError("--json, --csv and --quiet exclude each other; choose one.")
    catalog = read_catalog()
    terminal.warn(catalog.problems)
    selected = [
        listed
        for listed in catalog.matching(patterns or [])
        if data is None or listed.entry.data.kind == data
    ]
    if data and not selected:
        kinds = sorted({listed.entry.data.kind for listed in catalog.entries.values()})
        raise ConfigError(
            f"No entry uses the dataset {data!r}.", hint=f"Choose one of {', '.join(kinds)}."
        )
    on_record = results_of(listed.entry for listed in selected)
    terminal.warn(on_record.problems)
    rows = [
        (listed, summarize([result.accuracy for result in on_record.results[listed.entry.name]]))
        for listed in selected
    ]
    if quiet:
        for listed, _ in rows:
            print(listed.entry.name)
    elif as_json:
        print(json.dumps([output.entry_facts(*row) for row in rows], indent=2))
    elif as_csv:
        _print_csv([output.entry_facts(*row) for row in rows])
    else:
        terminal.show(output.entries(rows, width=terminal.console().width))


def _print_csv(facts: list[dict[str, object]]) -> None:
    """Print one row per entry; nested values have columns such as claim_value."""
    rows = []
    for entry in facts:
        row: dict[str, object] = {}
        for key, names in (("claim", ("value", "split")), ("reproduced", ("mean", "sd", "n"))):
            nested = entry.pop(key)
            row |= {
                f"{key}_{name}": nested[name] if isinstance(nested, dict) else "" for name in names
            }
        rows.append({**entry, **row})
    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
