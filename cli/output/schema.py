"""The output of `zoo schema`."""

from typing import Any

from .escape import as_json
from .result import Result


def schema_result(schema: dict[str, Any]) -> Result:
    """Return the schema as JSON; the rows of the other formats are the keys of an entry."""
    keys = [{"name": name, "required": name in schema["required"]} for name in schema["properties"]]
    names = [key["name"] for key in keys]
    return Result(schema, rows=keys, document=as_json(schema, indent=2) + "\n", names=names)
