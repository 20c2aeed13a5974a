"""The JSON Schema of an entry, for completion and validation in editors."""

from typing import Any

from zoo.config.base import PluginKind
from zoo.config.entry import Entry
from zoo.config.key_descriptions import DESCRIPTIONS

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema; a kind without required options may be a string.

    It has the kinds of installed plugins by their names, with any options.
    """
    full = Entry.model_json_schema()
    definitions = full["$defs"]
    for model, keys in DESCRIPTIONS.items():
        properties = (full if model == "Entry" else definitions[model])["properties"]
        for key, description in keys.items():
            properties[key]["description"] = description
    for plugin in PluginKind.__subclasses__():
        definitions[plugin.__name__]["properties"]["kind"]["enum"] = plugin.available()
    full = _with_short_forms(full, definitions)
    for plugin in PluginKind.__subclasses__():
        if not plugin.available():
            del full["$defs"][plugin.__name__]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **full, "title": "zoo"}


def _with_short_forms(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_with_short_forms(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _with_short_forms(value, definitions) for key, value in node.items()}
    schema.pop("discriminator", None)
    if "oneOf" in schema:
        schema["oneOf"] = [
            option for option in schema["oneOf"] if not _is_empty(option, definitions)
        ]
    kinds = [
        model["properties"]["kind"]
        for model in (
            definitions[_referenced(option)]
            for option in schema.get("oneOf", [])
            if "$ref" in option
        )
        if model["required"] == ["kind"]
    ]
    names = [name for kind in kinds for name in kind.get("enum", [kind.get("const")])]
    return schema | {"oneOf": [{"enum": names}, *schema["oneOf"]]} if names else schema


def _referenced(node: Schema) -> str:
    return str(node.get("$ref", "")).split("/")[-1]


def _is_empty(node: Schema, definitions: Schema) -> bool:
    """Return whether a schema refers to kinds that no installed plugin provides."""
    name = _referenced(node)
    return bool(name) and definitions[name].get("properties", {}).get("kind", {}).get("enum") == []
