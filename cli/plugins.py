"""`zoo plugins`: who brings what to zoo, and what is wrong with it."""

import json
from typing import Any

from . import options


def plugins(*, json_: options.JsonOption = False) -> None:
    """List who brings what: version, entries, commands, where from, and what is wrong with it."""
    from . import render

    found = _providers()
    if json_:
        print(json.dumps(found, indent=2))
        return
    table = render.table("provider", "version", "brings", "from")
    for one in found:
        brings = [f"{len(one['entries'])} entries"] if one["entries"] else []
        brings += [f"zoo {name}" for name in one["commands"]]
        cells = (one["name"], one["version"], ", ".join(brings) or "-", one["from"])
        table.add_row(*map(render.plain, cells))
    options.display(table)
    options.warn(fault for one in found for fault in one["faults"])


def _providers() -> list[dict[str, Any]]:
    """Return every provider with what it brings, as JSON has it."""
    from zoo.catalog import read_catalog
    from zoo.folders import folders
    from zoo.plugins import points, provider_of

    from . import app, foreign

    catalog = read_catalog()
    found: dict[str, dict[str, Any]] = {}

    def provider(said: str, name: str, version: str, place: object) -> dict[str, Any]:
        facts = {"name": name, "version": version, "from": str(place)}
        nothing: dict[str, Any] = {"entries": [], "commands": [], "faults": []}
        return found.setdefault(said, facts | nothing)

    for folder in folders():
        name, version = folder.provider or (folder.words, "")
        provider(folder.words, name, version, folder.path or folder.package)
    for point in points(foreign.GROUP):
        who = provider_of(point)
        one = provider(str(who), who.name, who.version, point.value.partition(":")[0])
        if point.name in app.names() or foreign.brought()[point.name] != point:
            one["faults"].append(f"{who}: there is a command named {point.name!r} already.")
        else:
            one["commands"].append(point.name)
    for listed in catalog.entries.values():
        found[listed.provider]["entries"].append(listed.entry.name)
    for said, faults in catalog.troubles.items():
        found[said]["faults"] += faults
    return list(found.values())
