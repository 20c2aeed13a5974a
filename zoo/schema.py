"""The JSON Schema of an entry: what editors ask while somebody types a TOML."""

from typing import Any

from zoo.config import Entry

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema; where a kind needs no options, its name alone will do."""
    whole = Entry.model_json_schema()
    whole = _with_short_forms(whole, whole["$defs"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "zoo"}


def _with_short_forms(part: Any, known: Schema) -> Any:  # noqa: ANN401 - anything that JSON has
    if isinstance(part, list):
        return [_with_short_forms(one, known) for one in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _with_short_forms(value, known) for key, value in part.items()}
    if "discriminator" not in inner:
        return inner
    kinds = inner.pop("discriminator")["mapping"]
    alone = [
        name for name, place in kinds.items() if known[place.split("/")[-1]]["required"] == ["kind"]
    ]
    return inner | {"oneOf": [{"enum": alone}, *inner["oneOf"]]}
