"""`python -m tests.helpers.entry_reference` writes the key-by-key part of registry/README.md.

The tables come from the JSON Schema that `zoo schema` prints, without the kinds of plugins.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from tests.helpers.paths import ROOT
from tests.helpers.written_parts import between, replaced, rewrite
from zoo.config.json_schema import schema

README = ROOT / "registry" / "README.md"
PART = between("<!-- reference -->\n", "<!-- end of the reference -->")
Schema = dict[str, Any]
SECTIONS = {  # the table of an entry -> its model, and the keys whose kinds follow
    "": ("Entry", ()),
    "[data]": ("Split", ("Entry.data",)),
    "[preprocess]": ("Preprocess", ()),
    "[network]": ("NetworkConfig", ("NetworkConfig.block",)),
    "[train]": (
        "TrainConfig",
        (
            "TrainConfig.loss",
            "TrainConfig.optimizer",
            "TrainConfig.schedule",
            "TrainConfig.weights",
            "TrainConfig.augment",
        ),
    ),
    "[origin]": ("Origin", ()),
    "[claim]": ("Claim", ()),
    "[results]": ("Results", ()),
    "[weights]": ("TrainedWeights", ()),
}
PREFIXES = {"[data]": "split."}
NOTES = {
    "[data]": "`kind` chooses the data. `split` is a table of its own, `[data.split]`:",
    "[results]": "Entries in a package can name files of the package:",
}
TYPES = {
    "object": "table",
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "true or false",
}


def reference() -> str:
    """Return the tables of all keys and kinds, as Markdown."""
    full = schema()
    return "\n".join(chain.from_iterable(_section(name, full) for name in SECTIONS)) + "\n"


def _section(name: str, full: Schema) -> Iterator[str]:
    model_name, kind_keys = SECTIONS[name]
    yield f"### {f'`{name}`' if name else 'Top level'}\n"
    if name in NOTES:
        yield f"{NOTES[name]}\n"
    model = _model(model_name, full)
    yield "| key | value | default | |\n|---|---|---|---|"
    for key in model["properties"]:
        yield _row(*_key(key, model, PREFIXES.get(name, "")))
    yield ""
    for path in kind_keys:
        owner, key = path.split(".")
        yield _kinds(f"{name[1:-1]}.{key}", _model(owner, full)["properties"][key], full)


def _kinds(path: str, value: Schema, full: Schema) -> str:
    """Return the table of the built-in kinds of a key, each with its options below it."""
    models = list(_kind_models(value, full))
    options = [set(model["properties"]) - {"kind", "split"} for model in models]
    shared = set.intersection(*options) if len(models) > 1 else set()
    rows = [
        f"| kind of `{path.replace('data.data', 'data')}` | option | value | default | |",
        "|---|---|---|---|---|",
    ]
    for model, own in zip(models, options, strict=True):
        kind = model["properties"]["kind"]["const"]
        rows.append(_row(f"`{kind}`", "", "", "", model["description"]))
        rows += [_row("", *_key(key, model)) for key in model["properties"] if key in own - shared]
    rows += [_row("every kind", *_key(key, models[0])) for key in sorted(shared)]
    return "\n".join(rows) + "\n"


def _key(key: str, model: Schema, prefix: str = "") -> tuple[str, str, str, str]:
    """Return the cells of a key: its name, values, default and description."""
    value = model["properties"][key]
    default = "required" if key in model.get("required", []) else _default(value)
    return f"`{prefix}{key}`", _type(value), default, value["description"]


def _kind_models(value: Schema, full: Schema) -> Iterator[Schema]:
    if "$ref" in value:
        model = _model(value["$ref"].split("/")[-1], full)
        if "const" in model["properties"].get("kind", {}):
            yield model
    options = [*value.get("oneOf", []), *value.get("anyOf", []), value.get("items", {})]
    for option in filter(None, options):
        yield from _kind_models(option, full)


def _model(name: str, full: Schema) -> Schema:
    model: Schema = full if name == "Entry" else full["$defs"][name]
    return model


def _type(value: Schema) -> str:
    """Return the values that a schema accepts, such as "integer ≥ 1"."""
    if "anyOf" in value:
        options = [_type(option) for option in value["anyOf"] if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(options))
    if "enum" in value:
        return " or ".join(f"`{option}`" for option in value["enum"])
    if value.get("type") == "array" and "prefixItems" in value:
        return f"list of {len(value['prefixItems'])} {_type(value['prefixItems'][0])}"
    if value.get("type") == "array":
        noun, space, limits = _type(value["items"]).partition(" ")
        return f"list of up to {value['maxItems']:,} {noun}s{space}{limits}"
    if "type" in value:
        return TYPES[value["type"]] + _limits(value)
    return "kind" if "oneOf" in value else "table"


def _limits(value: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "exclusiveMaximum": "<", "maximum": "≤"}
    limits = [
        f"{sign} {value[key]:g}"
        for key, sign in signs.items()
        if key in value and abs(value[key]) < 1e5  # the others only keep numbers finite
    ]
    return f" {', '.join(limits)}" if limits else ""


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None or default == {}:
        return ""
    if isinstance(default, dict) and "kind" not in default:
        return ""
    return f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f'"{value["kind"]}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def written(text: str) -> str:
    """Return the text of the page with the reference of today."""
    return replaced(PART, text, reference())


if __name__ == "__main__":
    rewrite(PART, README, reference())
