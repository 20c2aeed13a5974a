"""`zoo list`: the entries that there are, what they claim and what was reproduced."""

import csv
import json
import sys
from typing import Annotated

import typer

from . import completion, options


def list_entries(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[GLOB]...",
            help="Names, such as 'mnist-*'.",
            autocompletion=completion.entries,
        ),
    ] = None,
    *,
    data: Annotated[str | None, typer.Option(help="Only entries on this data set.")] = None,
    json_: options.JsonOption = False,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print names alone.")] = False,
) -> None:
    """List the models: network, data, training, the README's claim and what was reproduced."""
    from zoo.analysis.statistics import summarize
    from zoo.config.catalog import read_catalog
    from zoo.config.results import results_of
    from zoo.errors import ConfigError

    from .output import list as output

    if json_ + csv_ + quiet > 1:
        raise ConfigError("--json, --csv and --quiet are three ways to print: choose one.")
    catalog = read_catalog()
    options.warn(catalog.problems)
    chosen = [
        listed
        for listed in catalog.matching(patterns or [])
        if data is None or listed.entry.data.kind == data
    ]
    if data and not chosen:
        kinds = sorted({listed.entry.data.kind for listed in catalog.entries.values()})
        raise ConfigError(f"No entry is on {data!r}.", hint=f"There are {', '.join(kinds)}.")
    on_record = results_of(listed.entry for listed in chosen)
    options.warn(on_record.faults)
    rows = [
        (listed, summarize([result.accuracy for result in on_record.results[listed.entry.name]]))
        for listed in chosen
    ]
    if quiet:
        for listed, _ in rows:
            print(listed.entry.name)
    elif json_:
        print(json.dumps([output.entry_facts(*row) for row in rows], indent=2))
    elif csv_:
        _print_csv([output.entry_facts(*row) for row in rows])
    else:
        options.terminal(output.entries(rows, width=options.console().width))


def _print_csv(facts: list[dict[str, object]]) -> None:
    """Print a row an entry; what is nested gets a column each, such as claim_value."""
    flat = []
    for one in facts:
        row: dict[str, object] = {}
        for key, names in (("claim", ("value", "split")), ("reproduced", ("mean", "sd", "n"))):
            inner = one.pop(key)
            row |= {
                f"{key}_{name}": inner[name] if isinstance(inner, dict) else "" for name in names
            }
        flat.append({**one, **row})
    if flat:
        writer = csv.DictWriter(sys.stdout, list(flat[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat)
