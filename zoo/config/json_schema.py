"""The JSON Schema of an entry: what editors ask while somebody types a TOML."""

from typing import Any

from zoo.config.base import PluginKind
from zoo.config.entry import Entry

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema; where a kind needs no options, its name alone will do.

    Kinds that installed packages bring are in it by their names, with any options.
    """
    whole = Entry.model_json_schema()
    known = whole["$defs"]
    for theirs in PluginKind.__subclasses__():
        known[theirs.__name__]["properties"]["kind"]["enum"] = theirs.available()
    whole = _with_short_forms(whole, known)
    for theirs in PluginKind.__subclasses__():
        if not theirs.available():
            del whole["$defs"][theirs.__name__]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "zoo"}


def _with_short_forms(part: Any, known: Schema) -> Any:
    if isinstance(part, list):
        return [_with_short_forms(one, known) for one in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _with_short_forms(value, known) for key, value in part.items()}
    inner.pop("discriminator", None)
    if "oneOf" in inner:
        inner["oneOf"] = [one for one in inner["oneOf"] if not _is_empty(one, known)]
    kinds = [
        one["properties"]["kind"]
        for one in (
            known[place["$ref"].split("/")[-1]]
            for place in inner.get("oneOf", [])
            if "$ref" in place
        )
        if one["required"] == ["kind"]
    ]
    alone = [name for kind in kinds for name in kind.get("enum", [kind.get("const")])]
    return inner | {"oneOf": [{"enum": alone}, *inner["oneOf"]]} if alone else inner


def _is_empty(part: Schema, known: Schema) -> bool:
    """Whether it stands for kinds that no package brings."""
    place = part.get("$ref", "").split("/")[-1]
    return bool(place) and known[place].get("properties", {}).get("kind", {}).get("enum") == []
