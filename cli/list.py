"""`zoo list`: the entries, their claims and reproduced accuracies."""

from typing import Annotated

import typer

from . import completion, terminal


def list_entries(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="GLOB",
            help='Names or globs, such as "mnist-*".',
            autocompletion=completion.entries,
        ),
    ] = None,
    *,
    data: Annotated[
        str | None, typer.Option(metavar="DATASET", help="List only entries on this dataset.")
    ] = None,
) -> None:
    """List the models, claims and reproduced accuracies."""
    from zoo.analysis.statistics import summarize
    from zoo.config.catalog import read_catalog
    from zoo.config.results import results_of
    from zoo.errors import ConfigError

    from .output import list as output
    from .output.result import write

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
    write(output.entries_result(rows))
