"""`zoo show`: one model with its README, its layers, its recipe and what was reproduced."""

import json
from typing import Annotated

import typer

from . import options


def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name from `zoo list`, or a TOML file.")
    ],
    *,
    toml: Annotated[bool, typer.Option("--toml", help="Print the entry's own file.")] = False,
    json_: options.JsonOption = False,
) -> None:
    """Show one model: its README and claim, its layers, its recipe and what was reproduced."""
    from zoo.results import results_of
    from zoo.statistics import summarize

    from . import render

    listed = options.find_entry(name)
    if toml:
        print(listed.path.read_text(encoding="utf-8"), end="")
        return
    on_record = results_of([listed.entry])
    options.warn(on_record.faults)
    results = on_record.results[listed.entry.name]
    reproduced = summarize([result.accuracy for result in results])
    if json_:
        facts = render.entry_facts(listed, reproduced)
        print(json.dumps(facts | {"entry": listed.entry.model_dump(mode="json")}, indent=2))
    else:
        options.display(render.entry_page(listed, results, reproduced))
