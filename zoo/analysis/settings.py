"""The settings of recipes: those that differ, and their texts."""

from collections.abc import Sequence
from typing import Any

from zoo.config.entry import Entry
from zoo.formatting import setting


def differing_settings(entries: Sequence[Entry]) -> dict[str, list[Any]]:
    """Return the keys whose values differ, with the value of each entry."""
    tables = [_flat(entry) for entry in entries]
    keys = list(dict.fromkeys(key for table in tables for key in table))
    columns = {key: [table.get(key) for table in tables] for key in keys}
    return {
        key: values
        for key, values in columns.items()
        if any(value != values[0] for value in values)
    }


def _flat(entry: Entry) -> dict[str, Any]:
    """Return every key of the recipe; a table has only its kind and its non-default values."""
    sections = {"data", "preprocess", "network", "train"}
    full = entry.model_dump(mode="json", include=sections)
    lean = entry.model_dump(mode="json", include=sections, exclude_defaults=True)
    flat = {}
    for section, table in full.items():
        for key, value in table.items():
            name = f"{section}.{key}"
            if isinstance(value, dict):
                kind = {"kind": value["kind"]} if "kind" in value else {}
                flat[name] = kind | lean[section].get(key, {})
            else:
                flat[name] = value
    del flat["train.seed"]
    return {key: value for key, value in flat.items() if value is not None}


def describe_setting(value: Any) -> str:
    """Return a setting's value as text."""
    if isinstance(value, dict):
        rest = ", ".join(
            f"{name} {setting(option)}" for name, option in value.items() if name != "kind"
        )
        kind = str(value.get("kind", ""))
        return f"{kind} ({rest})" if kind and rest else kind or rest or "none"
    if isinstance(value, list):
        return ", ".join(map(describe_setting, value)) or "none"
    return "-" if value is None else setting(value)
