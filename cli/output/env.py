"""The output of `zoo env`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .result import Result, Table, spaced

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = {  # by section
    "system": ("system", "value"),
    "settings": ("variable", "value"),
    "packages": ("package", "version"),
    "folders": ("folder", "path"),
    "plugins": ("plugin", "version"),
    "data": ("data", "location"),
}


def env_result(environment: dict[str, Any]) -> Result:
    """Return the result of `zoo env`: a table per section, a row per fact."""
    rows = list(_rows(environment))
    tables = [
        Table(
            columns, [(fact["name"], _words(fact)) for fact in rows if fact["section"] == section]
        )
        for section, columns in COLUMNS.items()
        if environment[section]
    ]
    return Result(
        environment,
        rows=rows,
        tables=tables,
        page=lambda: spaced(tables),
        names=list(dict.fromkeys(fact["name"] for fact in rows)),
    )


def _rows(environment: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of CSV and JSON Lines; those of folders also say whether they exist."""
    for section, facts in environment.items():
        for name, value in facts.items():
            fact = {"section": section, "name": name}
            if section == "folders":
                yield fact | {"value": value["path"], "exists": value["exists"]}
            else:
                yield fact | {"value": value}


def _words(fact: dict[str, Any]) -> str:
    value = "missing" if fact["value"] is None else str(fact["value"])
    return value if fact.get("exists", True) else f"{value} (does not exist)"
